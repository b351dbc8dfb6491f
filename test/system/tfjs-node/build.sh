#!/usr/bin/env bash
# Builds tfjs-node against the libtensorflow of PyPI's tensorflow-cpu wheel, where its own download cannot be had.
#   build.sh FOLDER     FOLDER/node_modules/@tensorflow/tfjs-node is then ready to load; done already: does nothing
# Needs npm, pip, unzip, a C++ compiler and Node's headers; takes some 200 MB of download and 900 MB of disk.
set -euo pipefail
folder=$1
package=$folder/node_modules/@tensorflow/tfjs-node
[ -f "$folder/ready" ] && exit 0
mkdir -p "$folder"
cd "$folder"
[ -f package.json ] || echo '{ "name": "tfjs-node-build", "version": "1.0.0", "private": true }' > package.json
[ -d "$package" ] || npm install --ignore-scripts --no-audit --no-fund @tensorflow/tfjs-node@4.22.0
ls ./*.whl > /dev/null 2>&1 || python3 -m pip download --quiet --no-deps --dest . tensorflow-cpu==2.15.1
deps=$package/deps
mkdir -p "$deps/lib"
unzip -q -o ./*.whl 'tensorflow/libtensorflow_cc.so.2' 'tensorflow/libtensorflow_framework.so.2' 'tensorflow/include/tensorflow/*' \
  'tensorflow/include/tsl/*' -d unpacked
rm -rf "$deps/include"
mv unpacked/tensorflow/include "$deps/include"
mv unpacked/tensorflow/libtensorflow*.so.2 "$deps/lib/"
# The wheel's libtensorflow_cc exports the C interface under another name.
ln -sf libtensorflow_cc.so.2 "$deps/lib/libtensorflow.so"
ln -sf libtensorflow_framework.so.2 "$deps/lib/libtensorflow_framework.so"
cd "$package"
# What node-pre-gyp would pass on, for the highest N-API version that the package names.
gyp=$(npm root --global)/npm/node_modules/node-gyp/bin/node-gyp.js
# Headers beside the running node, where its package brings them; else node-gyp fetches them.
home=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
headers=(); [ -f "$home/include/node/node_api.h" ] && headers=(--nodedir "$home")
node "$gyp" rebuild "${headers[@]}" --module_name=tfjs_binding --module_path="$PWD/lib/napi-v8" --napi_version=9 --napi_build_version=8 --node_abi_napi=napi
touch "$folder/ready"
