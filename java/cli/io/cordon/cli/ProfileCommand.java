// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import picocli.CommandLine;

/** {@code cordon profile}: seccomp profiles that are learned from programs. */
@CommandLine.Command(
    name = "profile",
    description = "Learns seccomp profiles from what programs do, and compares them.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ProfileRecordCommand.class, ProfileDiffCommand.class})
@NeedsJvm
final class ProfileCommand extends CommandGroup {}
