// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Layer;
import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Descriptions of sandboxes. */
final class SandboxJson {
  static final Words<Network> NETWORK = Words.lower(Network.class);
  static final Words<Layer> LAYER = Words.lower(Layer.class);
  static final Words<Mount.Type> MOUNT_TYPE = Words.lower(Mount.Type.class);

  private static final List<String> FIELDS = List.of("mounts", "addMounts", "network", "hostname", "domainname", "uid",
      "gid", "hostUid", "hostGid", "seccomp", "require", "prefer", "initCommand", "controlGroups", "namespaces",
      "apparmorProfile", "selinuxLabel", "supervisor");

  private static final List<String> MOUNT_FIELDS =
      List.of("type", "source", "target", "writable", "noExec", "optional", "sizeBytes", "inodes", "mode");

  private SandboxJson() {}

  static Map<String, @Nullable Object> tree(SandboxSpec spec) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("namespaces", spec.namespaces());
    if (spec.namespaces()) {
      json.put("mounts", spec.mounts().stream().map(SandboxJson::tree).toList());
      json.put("uid", spec.uid());
      json.put("gid", spec.gid());
    }
    json.put("network", NETWORK.of(spec.network()));
    Values.put(json, "hostname", spec.hostname());
    Values.put(json, "domainname", spec.domainname());
    spec.hostUid().ifPresent(uid -> json.put("hostUid", uid));
    spec.hostGid().ifPresent(gid -> json.put("hostGid", gid));
    json.put("seccomp", PolicyJson.tree(spec.seccomp()));
    json.put("require", LAYER.of(spec.required()));
    json.put("prefer", LAYER.of(spec.preferred()));
    if (!spec.initCommand().isEmpty()) {
      json.put("initCommand", spec.initCommand());
    }
    json.put("controlGroups", spec.controlGroups());
    Values.put(json, "apparmorProfile", spec.apparmorProfile());
    Values.put(json, "selinuxLabel", spec.selinuxLabel());
    spec.supervisor().ifPresent(supervisor -> json.put("supervisor", SupervisorJson.tree(supervisor)));
    return json;
  }

  private static Map<String, @Nullable Object> tree(Mount mount) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("type", MOUNT_TYPE.of(mount.type()));
    Values.put(json, "source", mount.source());
    json.put("target", mount.target());
    putIfSo(json, "writable", mount.isWritable());
    putIfSo(json, "noExec", mount.isNoExec());
    putIfSo(json, "optional", mount.isOptional());
    Values.put(json, "sizeBytes", mount.sizeBytes());
    Values.put(json, "inodes", mount.inodes());
    mount.mode().ifPresent(bits -> json.put("mode", Values.mode(bits)));
    return json;
  }

  private static void putIfSo(Map<String, @Nullable Object> json, String field, boolean is) {
    if (is) {
      json.put(field, true);
    }
  }

  /**
   * Reads a description.
   *
   * @param warnings gets what a seccomp profile in it has that is left out or means something else here
   */
  static SandboxSpec read(JsonNode node, Consumer<String> warnings) throws SandboxException {
    var fields = new Fields(node, FIELDS);
    var spec = SandboxSpec.builder();
    fields.use("namespaces", field -> spec.namespaces(field.bool()));
    fields.use("mounts", field -> spec.mounts(mounts(field)));
    fields.use("addMounts", field -> mounts(field).forEach(spec::addMount));
    fields.use("network", field -> spec.network(NETWORK.read(field)));
    fields.text("hostname", spec::hostname);
    fields.text("domainname", spec::domainname);
    readIds(fields, spec);
    var seccomp = fields.get("seccomp");
    if (seccomp != null) {
      spec.seccomp(PolicyJson.read(seccomp, warnings));
    }
    fields.use("require", field -> spec.require(LAYER.readAll(field).toArray(Layer[]::new)));
    fields.use("prefer", field -> spec.prefer(LAYER.readAll(field).toArray(Layer[]::new)));
    fields.use("initCommand", field -> spec.initCommand(field.texts().toArray(String[]::new)));
    fields.use("controlGroups", field -> spec.controlGroups(field.bool()));
    fields.text("apparmorProfile", spec::apparmorProfile);
    fields.text("selinuxLabel", spec::selinuxLabel);
    fields.use("supervisor", field -> spec.supervisor(SupervisorJson.read(field)));
    return fields.make(spec::build);
  }

  private static void readIds(Fields fields, SandboxSpec.Builder spec) {
    fields.use("uid",
        uid -> spec.user(Values.int32(uid), Values.int32(fields.need("gid", "must be there beside uid"))));
    fields.use("gid", gid -> fields.need("uid", "must be there beside gid"));
    fields.use("hostUid",
        uid -> spec.hostUser(Values.int32(uid), Values.int32(fields.need("hostGid", "must be there beside hostUid"))));
    fields.use("hostGid", gid -> fields.need("hostUid", "must be there beside hostGid"));
  }

  private static List<Mount> mounts(JsonNode node) {
    return node.items().stream().map(item -> item.checked(() -> mount(item))).toList();
  }

  private static Mount mount(JsonNode node) {
    var fields = new Fields(node, MOUNT_FIELDS);
    var type = MOUNT_TYPE.read(fields.need("type", "must be one of " + MOUNT_TYPE.all()));
    var target = fields.text("target");
    boolean hasSource = type == Mount.Type.BIND || type == Mount.Type.SYMLINK;
    var source = fields.get("source");
    if (source != null && !hasSource) {
      throw source.refuse("does not apply to " + MOUNT_TYPE.of(type));
    }
    var mount = switch (type) {
      case BIND -> Mount.bind(Values.path(fields.need("source", "must be a path")), target);
      case TMPFS -> Mount.tmpfs(target);
      case PROC -> Mount.proc(target);
      case DEV -> Mount.dev(target);
      case MASK -> Mount.mask(target);
      case SYMLINK -> Mount.symlink(target, fields.text("source"));
    };
    return withProperties(mount, fields);
  }

  private static Mount withProperties(Mount plain, Fields fields) {
    var mount = plain;
    mount = fields.read("writable", JsonNode::bool, false) ? mount.writable() : mount;
    mount = fields.read("noExec", JsonNode::bool, false) ? mount.noExec() : mount;
    mount = fields.read("optional", JsonNode::bool, false) ? mount.optional() : mount;
    var size = fields.get("sizeBytes");
    mount = size == null ? mount : mount.sizeBytes(Values.bytes(size));
    var inodes = fields.get("inodes");
    mount = inodes == null ? mount : mount.inodes(inodes.number(1, Long.MAX_VALUE));
    var mode = fields.get("mode");
    return mode == null ? mount : mount.mode(Values.mode(mode));
  }
}
