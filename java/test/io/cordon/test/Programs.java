// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Command;
import io.cordon.Resource;
import io.cordon.SandboxException;
import java.nio.file.Path;

/**
 * The programs that {@link RunnerContract} runs. A tier whose programs are of another kind has its own.
 *
 * <p>Each method starts a command, which the contract completes. Those with a body are not possible everywhere: a tier
 * that lacks one lists it as {@code program.NAME} in {@link Tier#refusals}.
 *
 * @since 0.1.0
 */
public interface Programs {
  /**
   * Ends at once.
   *
   * @param code the exit code
   * @return a command
   */
  Command.Builder exit(int code);

  /**
   * Writes texts, nothing else, and ends with exit code 0.
   *
   * @param out to standard output
   * @param err to standard error
   * @return a command
   */
  Command.Builder print(String out, String err);

  /**
   * Writes texts, standard output first, and does nothing until it is killed.
   *
   * @param out to standard output
   * @param err to standard error
   * @return a command
   */
  Command.Builder printAndSleep(String out, String err);

  /**
   * Writes what it reads from standard input to standard output, to the end.
   *
   * @return a command
   */
  Command.Builder echoInput();

  /**
   * Writes arguments, each followed by a NUL.
   *
   * @param args at least one
   * @return a command
   */
  Command.Builder printArguments(String... args);

  /**
   * Writes its environment, exactly, as lines {@code NAME=VALUE}.
   *
   * @return a command
   */
  Command.Builder printEnvironment();

  /**
   * Writes its work directory as a line.
   *
   * @return a command
   */
  Command.Builder printWorkDirectory();

  /**
   * Uses one CPU until it is killed.
   *
   * @return a command
   */
  Command.Builder burn();

  /**
   * Writes bytes, any, to both streams.
   *
   * @param out how many to standard output, first
   * @param err how many to standard error
   * @return a command
   */
  Command.Builder write(long out, long err);

  /**
   * Writes a file to standard output; ends with another exit code than 0 where that cannot be read.
   *
   * @param path inside the sandbox, absolute or relative to the work directory
   * @return a command
   */
  Command.Builder readFile(String path);

  /**
   * Makes a file; ends with another exit code than 0 where that cannot be written.
   *
   * @param path inside the sandbox, absolute or relative to the work directory
   * @param bytes how much is in it
   * @return a command
   */
  Command.Builder writeFile(String path, long bytes);

  /**
   * Names a program that is not there.
   *
   * @return a command
   */
  default Command.Builder missing() {
    return Command.builder("/no/such/program");
  }

  /**
   * Names something that is there and cannot be executed.
   *
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder notExecutable() throws SandboxException {
    throw lacking("notExecutable");
  }

  /**
   * Names a program's file that may be handed over open.
   *
   * @return a path that the host and the sandbox both have; the program writes its arguments, separated by spaces, and
   *     a line feed
   * @throws SandboxException where there is none
   */
  default Path file() throws SandboxException {
    throw lacking("file");
  }

  /**
   * Uses memory, all of it at once; ends with exit code 0 where it got that much.
   *
   * @param bytes how much
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder allocate(long bytes) throws SandboxException {
    throw lacking("allocate");
  }

  /**
   * Ends by a signal that it sends itself.
   *
   * @param signal the signal's number
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder signal(int signal) throws SandboxException {
    throw lacking("signal");
  }

  /**
   * Starts processes that do nothing until they are killed, and ends while they are there: with exit code 0 where it
   * got all of them.
   *
   * @param processes how many
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder fork(int processes) throws SandboxException {
    throw lacking("fork");
  }

  /**
   * Has a child use one CPU, and waits for it, until both are killed.
   *
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder burnInChild() throws SandboxException {
    throw lacking("burnInChild");
  }

  /**
   * Ends with exit code 0 and leaves a process that does nothing until it is killed.
   *
   * @param mark an argument of that process
   * @param keepsStreams whether it keeps the standard streams open
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder orphan(String mark, boolean keepsStreams) throws SandboxException {
    throw lacking("orphan");
  }

  /**
   * Ignores every signal that can be ignored, writes texts, standard output first, and does nothing until it is killed.
   *
   * @param out to standard output
   * @param err to standard error
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder stubborn(String out, String err) throws SandboxException {
    throw lacking("stubborn");
  }

  /**
   * Makes a symbolic link.
   *
   * @param text what it points to
   * @param path where it is
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder link(String text, String path) throws SandboxException {
    throw lacking("link");
  }

  /**
   * Writes what it reads from a descriptor to standard output.
   *
   * @param descriptor its number, below 10
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder readDescriptor(int descriptor) throws SandboxException {
    throw lacking("readDescriptor");
  }

  /**
   * Writes the numbers of its open descriptors, each in a line.
   *
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder printDescriptors() throws SandboxException {
    throw lacking("printDescriptors");
  }

  /**
   * Writes a soft resource limit as a number.
   *
   * @param resource {@link Resource#NOFILE} or {@link Resource#STACK}
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder printLimit(Resource resource) throws SandboxException {
    throw lacking("printLimit");
  }

  /**
   * Writes {@code yes} where standard output is a terminal, else {@code no}.
   *
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder printTerminal() throws SandboxException {
    throw lacking("printTerminal");
  }

  /**
   * Writes how many CPUs it may run on.
   *
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder printCpus() throws SandboxException {
    throw lacking("printCpus");
  }

  /**
   * Writes its host name and its domain name, each in a line.
   *
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder printNames() throws SandboxException {
    throw lacking("printNames");
  }

  /**
   * Writes its user id and its group id, each in a line.
   *
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder printIds() throws SandboxException {
    throw lacking("printIds");
  }

  /**
   * Writes the names of the network interfaces, each in a line.
   *
   * @return a command
   * @throws SandboxException where there is none
   */
  default Command.Builder printInterfaces() throws SandboxException {
    throw lacking("printInterfaces");
  }

  private static SandboxException lacking(String program) {
    return SandboxException.unsupported("program." + program, "none", "this tier has no such program");
  }
}
