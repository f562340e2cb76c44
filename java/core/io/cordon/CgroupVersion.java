package io.cordon;

/** Where a controller is mounted. Numbers are those of {@code enum cordon_cgroup_version}. */
public enum CgroupVersion {
  /** Nowhere. */
  NONE(0),

  /** In a hierarchy of cgroup v1. */
  V1(1),

  /** In the unified hierarchy of cgroup v2. */
  V2(2);

  private final int number;

  CgroupVersion(int number) {
    this.number = number;
  }

  /**
   * Returns the number that the C API uses for it.
   *
   * @return the number, which is never given to anything else
   */
  public int number() {
    return number;
  }

  static CgroupVersion of(int number) {
    return Numbers.find("cgroup version", values(), CgroupVersion::number, number);
  }
}
