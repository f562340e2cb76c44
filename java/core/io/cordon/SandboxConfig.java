package io.cordon;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox looks like from inside, whoever makes it: the CONFIG of a request.
 *
 * @param initCommand empty = none
 */
record SandboxConfig(
    List<Mount> mounts,
    Network network,
    @Nullable String hostname,
    @Nullable String domainname,
    int uid,
    int gid,
    int hostUid,
    int hostGid,
    SeccompPolicy seccomp,
    Set<Layer> required,
    Set<Layer> preferred,
    List<String> initCommand,
    boolean controlGroups,
    boolean namespaces,
    @Nullable String apparmorProfile,
    @Nullable String selinuxLabel) {}
