// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The default of an option, in words. {@link OptionRow} puts it behind the description. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Usual {
  /** Without a full stop. */
  String value();
}
