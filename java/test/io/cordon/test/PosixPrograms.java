// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Command;
import io.cordon.Resource;
import io.cordon.SandboxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs of {@link RunnerContract} as scripts of {@code /bin/sh} and the tools of coreutils or BusyBox. A tier
 * that cannot have one of them overrides it.
 *
 * @since 0.1.0
 */
public class PosixPrograms implements Programs {
  private static final String SAY = "printf %s \"$1\"; printf %s \"$2\" >&2; ";
  private static final String SLEEP = "exec sleep 3600";

  /** Makes the programs. */
  public PosixPrograms() {
    // Nothing to set up.
  }

  /** A script and its arguments {@code $1} and so on. */
  private static Command.Builder shell(String script, String... args) {
    var all = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
    all.addAll(List.of(args));
    return Command.builder(all);
  }

  @Override
  public Command.Builder exit(int code) {
    return shell("exit \"$1\"", String.valueOf(code));
  }

  @Override
  public Command.Builder print(String out, String err) {
    return shell(SAY, out, err);
  }

  @Override
  public Command.Builder printAndSleep(String out, String err) {
    return shell(SAY + SLEEP, out, err);
  }

  @Override
  public Command.Builder echoInput() {
    return shell("exec cat");
  }

  @Override
  public Command.Builder printArguments(String... args) {
    return shell("printf '%s\\0' \"$@\"", args);
  }

  /** A shell would add variables of its own. */
  @Override
  public Command.Builder printEnvironment() {
    return Command.builder("/usr/bin/env");
  }

  @Override
  public Command.Builder printWorkDirectory() {
    return shell("pwd -P");
  }

  @Override
  public Command.Builder burn() {
    return shell("while :; do :; done");
  }

  @Override
  public Command.Builder write(long out, long err) {
    return shell("head -c \"$1\" /dev/zero; head -c \"$2\" /dev/zero >&2", String.valueOf(out), String.valueOf(err));
  }

  @Override
  public Command.Builder readFile(String path) {
    return shell("exec cat \"$1\"", path);
  }

  @Override
  public Command.Builder writeFile(String path, long bytes) {
    return shell("exec head -c \"$2\" /dev/zero >\"$1\"", path, String.valueOf(bytes));
  }

  @Override
  public Command.Builder notExecutable() throws SandboxException {
    return Command.builder("/usr");
  }

  @Override
  public Path file() throws SandboxException {
    return Path.of("/bin/echo");
  }

  /** One read into a buffer of that size. */
  @Override
  public Command.Builder allocate(long bytes) throws SandboxException {
    return shell("exec dd if=/dev/zero of=/dev/null bs=\"$1\" count=1", String.valueOf(bytes));
  }

  @Override
  public Command.Builder signal(int signal) throws SandboxException {
    return shell("kill -\"$1\" $$", String.valueOf(signal));
  }

  @Override
  public Command.Builder fork(int processes) throws SandboxException {
    return shell("i=0; while [ $i -lt \"$1\" ]; do sleep 3600 & i=$((i + 1)); done", String.valueOf(processes));
  }

  @Override
  public Command.Builder burnInChild() throws SandboxException {
    return shell("(while :; do :; done) & wait");
  }

  @Override
  public Command.Builder orphan(String mark, boolean keepsStreams) throws SandboxException {
    var streams = keepsStreams ? "" : "</dev/null >/dev/null 2>&1 ";
    return shell("sh -c 'while :; do sleep 1; done' \"$1\" " + streams + "& exit 0", mark);
  }

  @Override
  public Command.Builder stubborn(String out, String err) throws SandboxException {
    return shell("trap '' HUP INT QUIT TERM USR1 USR2 ALRM PIPE; " + SAY + "while :; do sleep 3600; done", out, err);
  }

  @Override
  public Command.Builder link(String text, String path) throws SandboxException {
    return shell("exec ln -s \"$1\" \"$2\"", text, path);
  }

  @Override
  public Command.Builder readDescriptor(int descriptor) throws SandboxException {
    return shell("exec cat <&" + descriptor);
  }

  /** The shell's own look at the directory is closed before the loop tests what it found. */
  @Override
  public Command.Builder printDescriptors() throws SandboxException {
    return shell("for fd in /proc/self/fd/*; do if [ -e \"$fd\" ]; then echo \"${fd##*/}\"; fi; done");
  }

  @Override
  public Command.Builder printLimit(Resource resource) throws SandboxException {
    return switch (resource) {
      case NOFILE -> shell("ulimit -n");
      case STACK -> shell("echo $(($(ulimit -s) * 1024))");
      default -> throw new IllegalArgumentException("resource: " + resource + ": must be NOFILE or STACK");
    };
  }

  @Override
  public Command.Builder printTerminal() throws SandboxException {
    return shell("if [ -t 1 ]; then echo yes; else echo no; fi");
  }

  @Override
  public Command.Builder printCpus() throws SandboxException {
    return shell("exec nproc");
  }

  @Override
  public Command.Builder printNames() throws SandboxException {
    return shell("uname -n; cat /proc/sys/kernel/domainname");
  }

  @Override
  public Command.Builder printIds() throws SandboxException {
    return shell("id -u; id -g");
  }

  @Override
  public Command.Builder printInterfaces() throws SandboxException {
    return shell("while read -r name rest; do case $name in *:*) echo \"${name%%:*}\" ;; esac; done </proc/net/dev");
  }
}
