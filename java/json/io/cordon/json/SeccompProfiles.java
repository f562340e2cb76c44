// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.SandboxException;
import io.cordon.internal.util.Checks;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.seccomp.SeccompRule;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the JSON in which Docker, containerd, Podman and Kubernetes keep seccomp profiles. Needs
 * jackson-core at run time, which the command line has and the library alone does not.
 *
 * <p>What a profile means is what Docker's daemon and runtime make of it:
 *
 * <ul>
 *   <li>{@code includes} and {@code excludes} are looked at first; a program in a sandbox has no capability.
 *   <li>SCMP_ACT_KILL ends the thread; SCMP_ACT_ERRNO and SCMP_ACT_TRACE without {@code errnoRet} mean EPERM.
 *   <li>A rule whose action is the default one is left out, also where it would take back what another one gives.
 *   <li>Where two conditions of a rule are on one argument, each is enough.
 *   <li>A call without a known number, and one that is newer than Linux 5.0 and than all that the profile names,
 *       gets the default action where that is allow, log or trace, else ENOSYS, so that programs fall back.
 *   <li>A listener of the profile's own is refused; {@code flags} are not used, with a warning. {@code architectures}
 *       and {@code archMap} change nothing: other ABIs than the machine's own end the process.
 * </ul>
 *
 * <p>Unknown names are left out, with a warning: look at {@link SeccompProfile#warnings} where a profile
 * denies. Fields that do not exist, wrong types and bad values are refused with their place.
 *
 * @since 0.1.0
 */
public final class SeccompProfiles {
  /** The most that a file may have. */
  public static final int MAX_BYTES = 4 << 20;

  /**
   * What the conditions of a profile are held against.
   *
   * @param arch the architecture in Go's spelling: {@code amd64}, {@code arm64}
   * @param kernel the kernel's release, as {@code uname -r}
   * @param capabilities those of the program, such as {@code CAP_SYS_ADMIN}
   */
  public record Context(String arch, String kernel, Set<String> capabilities) {
    /**
     * Copies the set; {@link #machine} is the machine's own.
     *
     * @param arch the architecture in Go's spelling
     * @param kernel the kernel's release
     * @param capabilities the capabilities of the program
     */
    public Context {
      capabilities = Set.copyOf(capabilities);
    }

    /**
     * Returns what holds for a program in a sandbox on this machine.
     *
     * @return the context, without capabilities
     */
    public static Context machine() {
      var arch = System.getProperty("os.arch");
      return new Context(arch.equals("aarch64") ? "arm64" : arch, System.getProperty("os.version"), Set.of());
    }
  }

  private SeccompProfiles() {}

  /**
   * Reads a file for this machine.
   *
   * @param file JSON in UTF-8, at most 4 MiB
   * @return the profile
   * @throws IOException where the file cannot be read
   * @throws SeccompProfileException where it is no profile
   * @throws SandboxException where the library lacks memory
   */
  public static SeccompProfile read(Path file) throws IOException, SandboxException {
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    var name = file.toString();
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return bytes.length > MAX_BYTES ? tooLarge(name) : read(name, text, Context.machine());
    } catch (CharacterCodingException e) {
      if (bytes.length > MAX_BYTES) {
        return tooLarge(name); // May have been cut in the middle of a character.
      }
      throw new SeccompProfileException(name, 1, 1, "must be UTF-8");
    }
  }

  private static SeccompProfile tooLarge(String name) {
    throw new SeccompProfileException(name, 1, 1, "must have at most " + MAX_BYTES + " bytes");
  }

  /**
   * Reads a text.
   *
   * @param name what messages call it
   * @param text JSON, at most 4 Mi characters
   * @param context what conditions are held against
   * @return the profile
   * @throws SeccompProfileException where it is no profile
   * @throws SandboxException where the library lacks memory
   */
  public static SeccompProfile read(String name, String text, Context context) throws SandboxException {
    return text.length() > MAX_BYTES ? tooLarge(name)
        : new ProfileReader(context).read(JsonNode.parse(JsonNode.PROFILE, name, 1, text));
  }

  /**
   * Writes a policy to a file.
   *
   * @param policy one with rules
   * @param file made or replaced
   * @throws IOException where the file cannot be written
   * @throws IllegalArgumentException as {@link #write(SeccompPolicy)}
   */
  public static void write(SeccompPolicy policy, Path file) throws IOException {
    Files.writeString(file, write(policy));
  }

  /**
   * Writes a policy.
   *
   * @param policy one with rules
   * @return JSON that {@link #read} makes the same policy of
   * @throws IllegalArgumentException where no profile means the same: a policy without rules; an action for unknown
   *     calls that is not the one that follows from the default action; a rule with the default action, or with two
   *     conditions on one argument; data for SIGSYS; notify as the default
   */
  public static String write(SeccompPolicy policy) {
    return JsonText.lines(tree(policy));
  }

  private static Map<String, @Nullable Object> tree(SeccompPolicy policy) {
    var defaultAction = policy.defaultAction().orElseThrow(() -> refuse("no rules", "cannot be written"));
    if (!policy.unknownAction().equals(Optional.of(SeccompPolicy.unknownFor(defaultAction)))) {
      throw refuse("action for unknown system calls", "a profile has no field for it");
    }
    if (defaultAction.kind() == SeccompAction.Kind.NOTIFY) {
      throw refuse("notify", "cannot be the default action");
    }
    var json = new LinkedHashMap<String, @Nullable Object>();
    putAction(json, "defaultAction", "defaultErrnoRet", defaultAction);
    json.put("syscalls", policy.rules().stream().map(rule -> tree(rule, defaultAction)).toList());
    return json;
  }

  private static IllegalArgumentException refuse(String what, String rule) {
    return Checks.refuse("seccomp policy", what, rule);
  }

  private static void putAction(Map<String, @Nullable Object> json, String field, String errnoField,
      SeccompAction action) {
    json.put(field, action.kind().profileName());
    if (action.kind() == SeccompAction.Kind.ERRNO || action.kind() == SeccompAction.Kind.TRACE) {
      json.put(errnoField, action.data());
    } else if (action.data() != 0) {
      throw refuse(action.describe(), "a profile has no field for the data");
    }
  }

  private static Map<String, @Nullable Object> tree(SeccompRule rule, SeccompAction defaultAction) {
    if (rule.action().equals(defaultAction)) {
      throw refuse(rule.names().get(0) + " " + rule.action().describe(),
          "a rule with the default action has no effect");
    }
    if (!SeccompCondition.areOfDistinctArguments(rule.conditions())) {
      throw refuse(rule.names().get(0), "two conditions on one argument would each be enough");
    }
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("names", rule.names());
    putAction(json, "action", "errnoRet", rule.action());
    if (!rule.conditions().isEmpty()) {
      json.put("args", rule.conditions().stream().map(SeccompProfiles::tree).toList());
    }
    return json;
  }

  private static Map<String, @Nullable Object> tree(SeccompCondition condition) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("index", condition.index());
    json.put("value", new BigInteger(Long.toUnsignedString(condition.value())));
    json.put("valueTwo", new BigInteger(Long.toUnsignedString(condition.valueTwo())));
    json.put("op", condition.op().profileName());
    return json;
  }
}
