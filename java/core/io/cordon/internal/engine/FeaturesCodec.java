// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Features;
import io.cordon.Layer;
import io.cordon.SandboxException;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads what a probe has found: FEATURES of {@code csrc/jni/format.h}. */
public final class FeaturesCodec {
  /** The order of {@code namespace_err}. */
  private static final List<Layer> NAMESPACES = List.of(Layer.USER_NS, Layer.MOUNT_NS, Layer.PID_NS, Layer.NET_NS,
      Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS);

  private FeaturesCodec() {}

  public static Features read(ReplyReader in) throws SandboxException {
    var error = in.error();
    if (error.step() != 0) {
      throw Errors.of(error, null);
    }
    var release = text(in);
    var machine = text(in);
    boolean root = in.u32() != 0;
    boolean procMountable = in.u32() != 0;
    var kernel = Codes.KERNEL_FEATURE.set(in.i64());
    var layers = Codes.LAYER.set(in.i64());
    int landlockAbi = in.i32();
    var namespaces = new EnumMap<Layer, Integer>(Layer.class);
    for (var namespace : NAMESPACES) {
      namespaces.put(namespace, in.i32());
    }
    long maxUserNamespaces = in.i64();
    var features = new Features(release, machine, root, procMountable, kernel, layers, landlockAbi,
        Collections.unmodifiableMap(namespaces),
        maxUserNamespaces < 0 ? OptionalLong.empty() : OptionalLong.of(maxUserNamespaces), sysctl(in), sysctl(in),
        sysctl(in), controller(in), controller(in), controller(in));
    in.end();
    return features;
  }

  private static String text(ReplyReader in) {
    var text = in.str();
    if (text == null) {
      throw new WireException("features: a text is absent");
    }
    return text;
  }

  private static OptionalInt sysctl(ReplyReader in) {
    int value = in.i32();
    return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static Features.Controller controller(ReplyReader in) {
    return new Features.Controller(Codes.CGROUP_VERSION.constant(in.u32()), in.u32() != 0, text(in), text(in));
  }
}
