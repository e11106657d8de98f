#!/usr/bin/env bash
# Cameras against drivers that nobody here wrote: Aravis' fake camera, the kernel's vivid. What cannot
# run on this computer is skipped, with the reason.
# usage: cameras.sh FOLDER-OF-THE-BUILT-PROGRAM
set -uo pipefail
rigs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
inspect=$(cd "$1" && pwd)/inspect
failed=0

have() { command -v "$1" >/dev/null; }
part() { # part NAME COMMAND…
  echo "== $1"
  shift
  local status=0
  "$@" || status=$?
  # What a virtual machine that never came up, or crawls for want of KVM, would have shown is not
  # known to be wrong.
  if [ $status = 125 ]; then echo "skipped the virtual machine did not come up"
  elif [ $status = 124 ] && [ ! -w /dev/kvm ]; then
    echo "skipped the rest: the virtual machine is too slow here without KVM"
  elif [ $status != 0 ]; then failed=1; fi
}
skip() { echo "== $1: skipped: $2"; }

# The counter of allocations is made here; without a compiler that part is skipped.
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
counter=
for compiler in cc clang; do
  [ -z "$counter" ] && have $compiler &&
    $compiler -O2 -shared -fPIC -o "$scratch/counter.so" "$rigs/count_allocations.c" 2>/dev/null &&
    counter=$scratch/counter.so
done

# Two pictures, as the camera of the rig has them compressed.
with_uvc_camera() {
  local folder=$scratch/pictures number
  "$inspect" synth board -n 2 -o "$folder" --seed 3 >/dev/null
  for number in 1 2; do
    "$inspect" op resize -i "$(ls "$folder"/*.png | sed -n ${number}p)" -o "$folder/$number.jpg" \
      --size 640x480
  done
  "$rigs/vm.sh" "vhci-hcd uvcvideo:nodrop=1" 600 "$rigs/uvc.sh" "$inspect" "$folder"/[12].jpg
}

if ! have arv-fake-gv-camera-0.8; then
  skip "GigE Vision" "no fake camera (package aravis-tools)"
elif [ ! -e "$(dirname "$inspect")/libAravisCamera.so" ]; then
  skip "GigE Vision" "built without Aravis"
elif ! have ip || ! unshare -n true 2>/dev/null; then
  skip "GigE Vision" "no network of its own may be made here (root, package iproute2)"
else
  part "GigE Vision: Aravis' fake camera" unshare -n "$rigs/gige.sh" "$inspect" \
    "$counter"
fi

if [ "$(uname -m)" != x86_64 ]; then
  skip "Video4Linux" "the rig is for x86-64"
elif ! have qemu-system-x86_64 || ! have dpkg-deb; then
  skip "Video4Linux" "no virtual machine (package qemu-system-x86)"
else
  part "Video4Linux: the kernel's vivid driver" "$rigs/vm.sh" \
    vivid:n_devs=1:num_inputs=1:input_types=0:node_types=1 900 "$rigs/vivid.sh" "$inspect" \
    "$counter"
  if have python3; then
    part "Video4Linux: the kernel's uvcvideo driver" with_uvc_camera
  else
    skip "Video4Linux: uvcvideo" "the camera is a program for python3"
  fi
fi
echo "== USB3 Vision: skipped: no such camera to be had without hardware"
exit $failed
