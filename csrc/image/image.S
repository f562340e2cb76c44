/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of cordon-init (IMAGE_PATH is its file in the build folder) between two hidden symbols. */
	.section .rodata, "a", %progbits
	.balign 16
	.globl image_start
	.hidden image_start
	.type image_start, %object
image_start:
	.incbin IMAGE_PATH
	.globl image_end
	.hidden image_end
	.type image_end, %object
image_end:
	.size image_start, image_end - image_start
	.section .note.GNU-stack, "", %progbits
