#!/bin/sh
# Take out of a virtual environment what serving never loads, and compile the rest.
# docs/deployment.md has the sizes; make image-test finds out if something was needed after all.
set -eu
cd "$1"/lib/python3*/site-packages

rm -r \
    ai_edge_litert/tools ai_edge_litert/libLiteRtWebGpuAccelerator.so \
    pyarrow/include pyarrow/src \
    pydeck/nbextension
rm pyarrow/*flight* pyarrow/libarrow_s3.* pyarrow/_s3fs.*
find numpy pandas pyarrow -type d -name tests -prune -exec rm -r {} +

# The image's files keep no dates that could be compared, so nothing is compared.
"$1"/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash .
