// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import picocli.CommandLine;

/** {@code cordon seccomp}: what a policy for system calls means. */
@CommandLine.Command(
    name = "seccomp",
    description = "Tells what a seccomp policy means.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SeccompExplainCommand.class, SeccompTestCommand.class})
@NeedsJvm
final class SeccompCommand extends CommandGroup {}
