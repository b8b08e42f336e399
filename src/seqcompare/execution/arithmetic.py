"""Arithmetic: which of the processor's instructions numbers are computed with.

By default every library takes the widest that the processor has, and each width adds up in another
order: the last digits of the same trial then differ between machines. `reproducibility: portable`
pins them to what every x86-64 processor since 2013 (AVX2) computes alike. The libraries read these
variables once, when they are loaded: so this module is used before any of them is.
"""

from collections.abc import MutableMapping

PORTABLE = {
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own loops
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # oneDNN: recurrent layers, some products of matrices
    "MKL_CBWR": "COMPATIBLE",  # MKL: products of matrices; its AVX2 branch is for Intel's only
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",  # numpy's exp and log use AVX-512
    "OPENBLAS_CORETYPE": "Haswell",  # numpy's and scipy's linear algebra
    "OPENBLAS_NUM_THREADS": "1",
}
# They change what is computed, or override those above, and are left unset.
UNSET = (
    "DNNL_MAX_CPU_ISA",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "DNNL_DEFAULT_FPMATH_MODE",
    "MKL_ENABLE_INSTRUCTIONS",
    "MKL_DEBUG_CPU_TYPE",
    "NPY_ENABLE_CPU_FEATURES",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
)
VARIABLES = (*PORTABLE, *UNSET)


def pin(environment: MutableMapping[str, str]) -> None:
    """Make this process, and those it starts, compute portably, whatever was set before."""
    for name in UNSET:
        environment.pop(name, None)
    environment.update(PORTABLE)


def variables(environment: MutableMapping[str, str]) -> dict[str, str]:
    """Those that are set of the variables which change what is computed."""
    return {name: environment[name] for name in VARIABLES if name in environment}
