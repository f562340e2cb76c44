// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** An option or a command that no command line without a JVM can serve, since what it needs is written in Java. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.TYPE})
@interface NeedsJvm {
  /** The values of an option that do without. */
  String[] unless() default {};
}
