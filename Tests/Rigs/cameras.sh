#!/usr/bin/env bash
# Cameras against drivers that nobody here wrote: Aravis' fake camera, the kernel's vivid and uvcvideo.
# What cannot run on this computer is skipped, with the reason.
# usage: cameras.sh FOLDER-OF-THE-BUILT-PROGRAM
set -uo pipefail
rigs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
inspect=$(cd "$1" && pwd)/inspect
failed=0

have() { command -v "$1" >/dev/null; }
skip() { echo "== $1: skipped: $2"; }

# All of it takes less than so many seconds; what would take longer is skipped.
limit=${INSPECT_RIGS_SECONDS:-870}
left() { echo $((limit > SECONDS ? limit - SECONDS : 1)); }

# part NAME LEAST FUNCTION: what needs LEAST seconds or so. The rigs live in real time, which a busy
# computer may not have: what fails is run once more in the end where there is time, and what fails
# twice is wrong. Of a virtual machine that never came up (125), or crawls (124), nothing is known to be.
again=()
part() {
  local name=$1 least=$2 run=$3 turn=${4:-first} status=0
  if [ "$(left)" -lt "$least" ]; then
    if [ $turn = first ]; then skip "$name" "only $(left) s are left for it"; else failed=1; fi
    return
  fi
  echo "== $name$([ $turn = first ] || echo ", once more")"
  $run || status=$?
  case $status in
    0) ;;
    125) skip "$name" "the virtual machine did not come up" ;;
    124) skip "the rest of $name" "the virtual machine is too slow here" ;;
    *) if [ $turn = first ]; then again+=("$name" "$least" "$run"); else failed=1; fi ;;
  esac
}

# The counter of allocations is made here; without a compiler that part is skipped.
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
counter=
for compiler in cc clang; do
  [ -z "$counter" ] && have $compiler &&
    $compiler -O2 -shared -fPIC -o "$scratch/counter.so" "$rigs/count_allocations.c" 2>/dev/null &&
    counter=$scratch/counter.so
done

# in_vm MODULES SECONDS COMMAND…: no longer than what is left
in_vm() {
  local modules=$1 most=$2
  shift 2
  "$rigs/vm.sh" "$modules" "$(($(left) < most ? $(left) : most))" "$@"
}

# within SECONDS COMMAND…: what takes longer hangs, and that is a fault.
within() {
  local most=$1 status=0
  shift
  timeout -k 5 "$(($(left) < most ? $(left) : most))" "$@" || status=$?
  [ $status -lt 124 ] || { echo "FAILED  not over after $most s"; return 1; }
  return $status
}

without_driver() { within 60 "$rigs/faults.sh" "$inspect"; }
with_gige_camera() { within 400 unshare -n "$rigs/gige.sh" "$inspect" "$counter"; }
with_vivid() {
  in_vm vivid:n_devs=1:num_inputs=1:input_types=0:node_types=1 600 "$rigs/vivid.sh" "$inspect" \
    "$counter"
}

# Two pictures, as the camera of the rig has them compressed.
with_uvc_camera() {
  local folder=$scratch/pictures number
  "$inspect" synth board -n 2 -o "$folder" --seed 3 >/dev/null
  for number in 1 2; do
    "$inspect" op resize -i "$(ls "$folder"/*.png | sed -n ${number}p)" -o "$folder/$number.jpg" \
      --size 640x480
  done
  in_vm "vhci-hcd uvcvideo:nodrop=1" 240 "$rigs/uvc.sh" "$inspect" "$folder"/[12].jpg
}

part "Cameras without a driver" 5 without_driver
if ! have arv-fake-gv-camera-0.8; then
  skip "GigE Vision" "no fake camera (package aravis-tools)"
elif [ ! -e "$(dirname "$inspect")/libAravisCamera.so" ]; then
  skip "GigE Vision" "built without Aravis"
elif ! have ip || ! unshare -n true 2>/dev/null; then
  skip "GigE Vision" "no network of its own may be made here (root, package iproute2)"
else
  part "GigE Vision: Aravis' fake camera" 180 with_gige_camera
fi

if [ "$(uname -m)" != x86_64 ]; then
  skip "Video4Linux" "the rig is for x86-64"
elif ! have qemu-system-x86_64 || ! have dpkg-deb; then
  skip "Video4Linux" "no virtual machine (package qemu-system-x86)"
else
  if have python3; then
    part "Video4Linux: the kernel's uvcvideo driver" 60 with_uvc_camera
  else
    skip "Video4Linux: uvcvideo" "the camera is a program for python3"
  fi
  part "Video4Linux: the kernel's vivid driver" 240 with_vivid
fi
for ((i = 0; i < ${#again[@]}; i += 3)); do part "${again[@]:i:3}" second; done
echo "== USB3 Vision: skipped: no such camera to be had without hardware"
exit $failed
