/* SPDX-License-Identifier: Apache-2.0 */
/* cordon: the whole public C API. */
#ifndef CORDON_CORDON_H
#define CORDON_CORDON_H

#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/directory.h"
#include "cordon/error.h"
#include "cordon/features.h"
#include "cordon/layer.h"
#include "cordon/result.h"
#include "cordon/runner.h"
#include "cordon/seccomp.h"
#include "cordon/shutdown.h"
#include "cordon/stream.h"
#include "cordon/supervisor.h"
#include "cordon/version.h"
#include "cordon/wiring.h"

#endif
