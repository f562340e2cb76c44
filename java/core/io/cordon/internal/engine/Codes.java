// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Cause;
import io.cordon.CgroupVersion;
import io.cordon.DirectoryEntry;
import io.cordon.KernelFeature;
import io.cordon.Layer;
import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.Origin;
import io.cordon.Resource;
import io.cordon.Source;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.internal.wire.Numbers;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.FilePolicyState;
import io.cordon.supervisor.SecurityEvent;

/** The numbers of all enums that cross the JNI. {@code NativeNamesTest} compares them with the names that C has. */
public final class Codes {
  static final Numbers<Cause> CAUSE = new Numbers<>("cause", Cause.class, 0);
  static final Numbers<CgroupVersion> CGROUP_VERSION = new Numbers<>("cgroup version", CgroupVersion.class, 0);
  static final Numbers<Decision.Kind> DECISION = new Numbers<>("decision", Decision.Kind.class, 0);
  static final Numbers<Engine> ENGINE = new Numbers<>("engine", Engine.class, 0);
  static final Numbers<DirectoryEntry.Kind> ENTRY_KIND = new Numbers<>("entry kind", DirectoryEntry.Kind.class, 0);
  static final Numbers<FilePolicyState> FILE_POLICY = new Numbers<>("file policy", FilePolicyState.class, 0);
  static final Numbers<FilePolicy.Access> ACCESS = new Numbers<>("access", FilePolicy.Access.class, 0);
  static final Numbers<FilePolicy.Scope> SCOPE = new Numbers<>("scope", FilePolicy.Scope.class, 0);
  static final Numbers<KernelFeature> KERNEL_FEATURE = new Numbers<>("kernel feature", KernelFeature.class, 0);
  static final Numbers<Layer> LAYER = new Numbers<>("layer", Layer.class, 0);
  static final Numbers<Mount.Type> MOUNT_TYPE = new Numbers<>("mount type", Mount.Type.class, 1);
  static final Numbers<Network> NETWORK = new Numbers<>("network", Network.class, 0);
  static final Numbers<Origin> ORIGIN = new Numbers<>("origin", Origin.class, 0);
  static final Numbers<Resource> RESOURCE = new Numbers<>("resource", Resource.class, 0);
  static final Numbers<SecurityEvent.Kind> EVENT_KIND = new Numbers<>("event", SecurityEvent.Kind.class, 0);
  static final Numbers<Source> SOURCE = new Numbers<>("source", Source.class, 0);
  static final Numbers<Status> STATUS = new Numbers<>("status", Status.class, 1);
  static final Numbers<Step> STEP = new Numbers<>("step", Step.class, 1);

  private Codes() {}

  /** A step that this JAR does not know is {@link Step#UNKNOWN}, so that its errno and detail still arrive. */
  static Step step(int number) {
    return number < 1 || number > STEP.of(Step.UNKNOWN) ? Step.UNKNOWN : STEP.constant(number);
  }
}
