// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The properties that a test of the contract cannot do without: a tier may refuse it only by one of these. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Uses {
  String[] value();
}
