/* SPDX-License-Identifier: Apache-2.0 */
/* own_loader: a program whose loader (PT_INTERP) is /loader/ld.so. */

int main(void)
{
	return 0;
}
