// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which files a program may use, and for what. Immutable.
 *
 * <p>Paths are absolute inside the sandbox. Symbolic links in them are resolved there when a run starts. Symbolic links
 * in the paths that the program names are resolved as the kernel does it; {@code /proc/self} means the process that
 * asks. Of all rules that hold for a path, the one with the longest path decides, alone: if {@code /} may be read and
 * {@code /w} be written, {@code /w} may not be read. The directories on the way to a path with any access may be looked
 * at. A path without a rule gets {@link Builder#outside}.
 *
 * <p>Files that were open before the program started, such as its standard streams, are not subject to the policy.
 *
 * @since 0.1.0
 */
public final class FilePolicy {
  /** How many rules a policy may have, merged. */
  public static final int MAX_RULES = 1024;

  /** What a rule holds for. The constants are those of {@code enum cordon_path_scope}. */
  public enum Scope {
    /** The path and everything below it. */
    TREE,

    /** The directory, and what is directly in it. */
    ENTRIES,

    /** The path alone. */
    ONLY
  }

  /** What a path may be used for. The constants are those of {@code enum cordon_access}. */
  public enum Access {
    /** Opening for reading, listing a directory; with it {@link #STAT}. */
    READ,

    /**
     * Opening for writing, creating, removing, renaming, linking, changing mode, owner, times or attributes; with it
     * {@link #STAT}.
     */
    WRITE,

    /** Asking for attributes, reading a symbolic link, making it the current directory. */
    STAT,

    /** Executing; with it {@link #STAT}. A dynamic program needs it for its loader, too, and to read its libraries. */
    EXECUTE
  }

  /**
   * One rule.
   *
   * @param path absolute, without a slash at its end
   * @param scope what it holds for
   * @param access what it gives; empty: nothing
   */
  public record Rule(String path, Scope scope, Set<Access> access) {}

  private static final Decision DEFAULT_OUTSIDE = Decision.errno(Errno.EACCES);

  private final List<Rule> rules;
  private final Decision outside;

  private FilePolicy(List<Rule> rules, Decision outside) {
    this.rules = rules;
    this.outside = outside;
  }

  /**
   * Starts a policy without rules.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts from this policy.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    var builder = new Builder().outside(outside);
    rules.forEach(rule -> builder.add(rule.path, rule.scope, rule.access));
    return builder;
  }

  /**
   * Returns the rules.
   *
   * @return an immutable list, merged: no two have the same path and scope
   */
  public List<Rule> rules() {
    return rules;
  }

  /**
   * Returns what becomes of a call for a path that lacks the access.
   *
   * @return the decision
   */
  public Decision outside() {
    return outside;
  }

  /**
   * The first rule that Landlock alone cannot keep: it adds what the rules above a path give, knows only trees, and
   * does not refuse asking for attributes.
   */
  Optional<Rule> beyondLandlock() {
    return rules.stream().filter(rule -> isEntriesForMoreThanStat(rule) || !rule.access.containsAll(above(rule)))
        .findFirst();
  }

  private static boolean isEntriesForMoreThanStat(Rule rule) {
    return rule.scope == Scope.ENTRIES && !Set.of(Access.STAT).containsAll(rule.access);
  }

  private Set<Access> above(Rule rule) {
    var given = EnumSet.noneOf(Access.class);
    for (var other : rules) {
      boolean isAbove = other.path.equals("/") ? !rule.path.equals("/") : rule.path.startsWith(other.path + "/");
      boolean isWider = other.path.equals(rule.path) && rule.scope != Scope.TREE;
      if (other.scope == Scope.TREE && (isAbove || isWider)) {
        given.addAll(other.access);
      }
    }
    given.remove(Access.STAT);
    return given;
  }

  /** Collects a policy. One thread at a time. */
  public static final class Builder {
    private record Place(String path, Scope scope) {}

    private final Map<Place, Set<Access>> given = new LinkedHashMap<>();
    private Decision outside = DEFAULT_OUTSIDE;

    private Builder() {}

    /**
     * Lets trees be read.
     *
     * @param paths absolute inside
     * @return this
     */
    public Builder read(String... paths) {
      return trees(Access.READ, paths);
    }

    /**
     * Lets trees be written to; reading is apart.
     *
     * @param paths absolute inside
     * @return this
     */
    public Builder write(String... paths) {
      return trees(Access.WRITE, paths);
    }

    /**
     * Lets attributes be asked for in trees.
     *
     * @param paths absolute inside
     * @return this
     */
    public Builder stat(String... paths) {
      return trees(Access.STAT, paths);
    }

    /**
     * Lets files of trees be executed; reading is apart.
     *
     * @param paths absolute inside
     * @return this
     */
    public Builder execute(String... paths) {
      return trees(Access.EXECUTE, paths);
    }

    /**
     * Gives nothing in trees, whatever the rules above them give.
     *
     * @param paths absolute inside
     * @return this
     */
    public Builder deny(String... paths) {
      for (var path : paths) {
        add(path, Scope.TREE, Set.of());
      }
      return this;
    }

    /**
     * Adds a rule. Rules of one path merge: their accesses add up, and a rule for less than a tree has what the rules
     * for more of the same path give.
     *
     * @param path absolute inside
     * @param scope what it holds for
     * @param access what it gives; none: nothing
     * @return this
     */
    public Builder rule(String path, Scope scope, Access... access) {
      var set = EnumSet.noneOf(Access.class);
      Collections.addAll(set, access);
      return add(path, scope, set);
    }

    /**
     * Sets what becomes of a call for a path that lacks the access.
     *
     * @param decision default {@code errno("EACCES")}; not {@link Decision#allow}
     * @return this
     */
    public Builder outside(Decision decision) {
      if (decision.kind() == Decision.Kind.ALLOW) {
        throw Checks.refuse("files outside", decision, "must be an errno, kill or ask");
      }
      outside = decision;
      return this;
    }

    private Builder trees(Access access, String... paths) {
      for (var path : paths) {
        add(path, Scope.TREE, Set.of(access));
      }
      return this;
    }

    private Builder add(String path, Scope scope, Set<Access> access) {
      var plain = "/" + String.join("/", parts(Checks.inside("files path", path)));
      var before = given.get(new Place(plain, scope));
      if (before != null && before.isEmpty() != access.isEmpty()) {
        throw Checks.refuse("files path", path, "is both denied and allowed");
      }
      given.computeIfAbsent(new Place(plain, scope), place -> EnumSet.noneOf(Access.class)).addAll(access);
      return this;
    }

    private static List<String> parts(String path) {
      var parts = new ArrayList<String>();
      for (var part : path.split("/")) {
        if (!part.isEmpty()) {
          parts.add(part);
        }
      }
      return parts;
    }

    /**
     * Makes the policy.
     *
     * @return the policy
     */
    public FilePolicy build() {
      if (given.size() > MAX_RULES) {
        throw Checks.refuse("files", given.size() + " rules", "must be at most " + MAX_RULES);
      }
      var rules = new ArrayList<Rule>();
      given.forEach((place, access) -> rules.add(new Rule(place.path, place.scope, merged(place, access))));
      return new FilePolicy(List.copyOf(rules), outside);
    }

    private Set<Access> merged(Place place, Set<Access> access) {
      var all = EnumSet.noneOf(Access.class);
      all.addAll(access);
      for (var wider : Scope.values()) {
        if (!access.isEmpty() && wider.compareTo(place.scope) < 0) {
          all.addAll(given.getOrDefault(new Place(place.path, wider), Set.of()));
        }
      }
      return Collections.unmodifiableSet(all);
    }
  }
}
