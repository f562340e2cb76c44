// SPDX-License-Identifier: Apache-2.0
/** Runs one program in a sandbox: what an application does with Cordon. */
module com.example.packaged {
  requires io.cordon.json;
}
