// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.internal.jni.Syscalls;
import io.cordon.seccomp.SeccompAction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Reads off a filter program what it may answer to a system call (bpf(4), seccomp(2)): follows every way through it
 * that the call's number leaves open. Knows the accumulator only; what comes out of the index register or the scratch
 * memory, which libseccomp's programs and Cordon's do not use, may be anything.
 */
public final class FilterProgram {
  /** BPF_MAXINSNS. */
  public static final int MAX_BYTES = 4096 * 8;

  private static final int INSTRUCTION_BYTES = 8;

  private static final int LOAD_WORD = 0x20;
  private static final int LOAD_CONSTANT = 0x00;
  private static final int LOAD_LENGTH = 0x80;
  private static final int AND = 0x54;
  private static final int OR = 0x44;
  private static final int SHIFT_RIGHT = 0x74;
  private static final int SHIFT_LEFT = 0x64;
  private static final int JUMP = 0x05;
  private static final int JUMP_EQUAL = 0x15;
  private static final int JUMP_GREATER = 0x25;
  private static final int JUMP_GREATER_OR_EQUAL = 0x35;
  private static final int JUMP_SET = 0x45;
  private static final int RETURN = 0x06;
  private static final int RETURN_ACCUMULATOR = 0x16;

  private static final int CLASS = 0x07;
  private static final int CLASS_STORE = 0x02;
  private static final int CLASS_STORE_INDEX = 0x03;
  private static final int CLASS_LOAD_INDEX = 0x01;
  private static final int TO_INDEX = 0x07;

  /** Where struct seccomp_data, 64 bytes, has its fields. */
  private static final int NUMBER_AT = 0;

  private static final int ARCH_AT = 4;
  private static final int ARGS_AT = 16;
  private static final int DATA_BYTES = 64;

  /** Stands for a value that is not known; others are 32 bits wide. */
  private static final long ANY = -1;

  private final ByteBuffer code;

  /** An instruction that is reached, and the accumulator then. */
  private record Place(int at, long value) {}

  public FilterProgram(byte[] program) {
    code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
  }

  /** What the program answers to a call with these six arguments. */
  public SeccompAction answer(int number, long[] args) {
    var answers = answers(number, args);
    if (answers.size() != 1) {
      throw new IllegalStateException("this program's answer cannot be told from number and arguments");
    }
    return answers.iterator().next();
  }

  /** What the program may answer to a call, whatever its arguments are. */
  public Set<SeccompAction> answers(int number) {
    return answers(number, new long[0]);
  }

  private Set<SeccompAction> answers(int number, long[] args) {
    var seen = new HashSet<Place>();
    var open = new ArrayDeque<Place>();
    var answers = new LinkedHashSet<SeccompAction>();
    open.add(new Place(0, 0));
    while (!open.isEmpty()) {
      var place = open.remove();
      if (seen.add(place)) {
        step(place, number, args, open, answers);
      }
    }
    return answers;
  }

  private void step(Place place, int number, long[] args, ArrayDeque<Place> open, Set<SeccompAction> answers) {
    int at = place.at * INSTRUCTION_BYTES;
    if (at < 0 || at >= code.capacity()) {
      throw new IllegalStateException("the program jumps out of itself");
    }
    int op = Short.toUnsignedInt(code.getShort(at));
    int ifTrue = Byte.toUnsignedInt(code.get(at + 2));
    int ifFalse = Byte.toUnsignedInt(code.get(at + 3));
    int constant = code.getInt(at + 4);
    int next = place.at + 1;
    switch (op) {
      case RETURN -> answers.add(Answers.action(constant));
      case RETURN_ACCUMULATOR -> {
        if (place.value == ANY) {
          throw new IllegalStateException("the program computes its answer");
        }
        answers.add(Answers.action((int) place.value));
      }
      case JUMP -> open.add(new Place(next + constant, place.value));
      case JUMP_EQUAL, JUMP_GREATER, JUMP_GREATER_OR_EQUAL, JUMP_SET ->
          branch(op, Integer.toUnsignedLong(constant), place.value, next + ifTrue, next + ifFalse, open);
      default -> {
        if ((op & CLASS) == (JUMP & CLASS)) { // Compares with the index register.
          open.add(new Place(next + ifTrue, place.value));
          open.add(new Place(next + ifFalse, place.value));
        } else {
          open.add(new Place(next, compute(op, constant, place.value, number, args)));
        }
      }
    }
  }

  private static void branch(int op, long constant, long value, int ifTrue, int ifFalse, ArrayDeque<Place> open) {
    if (value == ANY) {
      open.add(new Place(ifTrue, op == JUMP_EQUAL ? constant : ANY));
      open.add(new Place(ifFalse, ANY));
      return;
    }
    boolean holds = switch (op) {
      case JUMP_EQUAL -> value == constant;
      case JUMP_GREATER -> value > constant;
      case JUMP_GREATER_OR_EQUAL -> value >= constant;
      default -> (value & constant) != 0;
    };
    open.add(new Place(holds ? ifTrue : ifFalse, value));
  }

  private static long compute(int op, int constant, long value, int number, long[] args) {
    int kind = op & CLASS;
    if (kind == CLASS_STORE || kind == CLASS_STORE_INDEX || kind == CLASS_LOAD_INDEX || op == TO_INDEX) {
      return value;
    }
    long operand = Integer.toUnsignedLong(constant);
    return switch (op) {
      case LOAD_WORD -> load(constant, number, args);
      case LOAD_CONSTANT -> operand;
      case LOAD_LENGTH -> DATA_BYTES;
      case AND -> operand == 0 ? 0 : value == ANY ? ANY : value & operand;
      case OR -> value == ANY ? ANY : value | operand;
      case SHIFT_RIGHT -> value == ANY ? ANY : value >>> operand;
      case SHIFT_LEFT -> value == ANY ? ANY : Integer.toUnsignedLong((int) (value << operand));
      default -> ANY;
    };
  }

  private static long load(int offset, int number, long[] args) {
    if (offset == NUMBER_AT) {
      return Integer.toUnsignedLong(number);
    }
    if (offset == ARCH_AT) {
      return Integer.toUnsignedLong(Syscalls.auditArch());
    }
    int arg = (offset - ARGS_AT) / Long.BYTES;
    if (offset < ARGS_AT || arg >= args.length) {
      return ANY;
    }
    // Both CPUs are little-endian.
    return offset % Long.BYTES == 0 ? args[arg] & 0xffffffffL : args[arg] >>> Integer.SIZE;
  }
}
