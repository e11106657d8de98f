#!/usr/bin/env bash
# Video4Linux against the kernel's uvcvideo driver, which drives the camera of uvc_camera.py, inside the
# machine that vm.sh boots.
# usage: uvc.sh INSPECT JPEG…
set -uo pipefail
INSPECT=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/checks.sh"
cd "$(mktemp -d)"

mkfifo commands
"$here/uvc_camera.py" "$@" <commands >>camera.log 2>&1 &
exec 3>commands
order() { printf '%s\n' "$@" >&3; }
nodes() { ls /dev/video* 2>/dev/null | wc -l; }
await() { # await COUNT: so many nodes are there
  for _ in {1..50}; do
    [ "$(nodes)" = "$1" ] && return
    sleep 0.2
  done
}
await 2
camera=v4l2:RIG-0001
film="$camera?format=MJPEG&size=640x480"

found=$("$INSPECT" camera list --json)
case "$found" in *RIG-0001*) ok "found by its serial number" ;; *) bad "list: $found" ;; esac
grab "MJPEG" 100 "$film&fps=25"
expect "MJPEG: that format" "$(field "$summary" format)" = MJPEG
expect "MJPEG: that size" "$(field "$summary" size)" = 640x480
rate=$(field "$summary" fps)
# The camera is a program on the same computer and says how fast it filmed: what it had no time for says
# nothing about who takes the pictures.
pace=$(sed -n 's/^pace //p' camera.log | sort -n | head -n 1)
pace=${pace:-25}
if [ "${rate%.*}" -lt 24 ] && [ "${pace%.*}" -lt 24 ]; then
  skip "MJPEG: $rate a second: this computer is too slow for the camera of the rig, which filmed $pace"
else
  expect "MJPEG: $rate a second" "${rate%.*}" -ge 24 -a "${rate%.*}" -le 25
fi
grab "YUYV" 20 "$camera?format=YUYV&size=160x120&fps=25"
expect "YUYV: that size" "$(field "$summary" size)" = 160x120

# What is set is what the camera got, and what it says when it is asked.
answer=$("$INSPECT" camera set "$camera" auto_exposure=1 exposure_time_absolute=250 brightness=200 --json)
expect "exposure: read back" "$(field "$answer" exposure_time_absolute)" = 250
expect "brightness: read back" "$(field "$answer" brightness)" = 200
got() { if grep -qx "$1" camera.log; then ok "the camera got $1"; else bad "$1: $(cat camera.log)"; fi; }
for setting in "automatic 1" "exposure 250" "brightness 200"; do got "$setting"; done
refused "an exposure that is too long" 2 "5000" \
  "$INSPECT" camera set "$camera" exposure_time_absolute=5001
grab "exposure by the URL" 10 "$film&exposure=12340"
got "exposure 123"

# Of three damaged pictures none is delivered. An emulated processor that is too slow for a moment
# loses some of them before anybody has looked at them.
damaged() { # damaged WHAT COMMAND
  order "good 5" "$2 3"
  grab "$1" 20 "$film&fps=15"
  local corrupt=$(field "$summary" corrupt) dropped=$(field "$summary" dropped)
  expect "$1: $corrupt corrupt" "$corrupt" -ge 1 -a "$corrupt" -le 3
  expect "$1: all three noticed" $((corrupt + dropped)) -ge 3
}
damaged "the error bit" error
damaged "cut off" truncate
damaged "garbled" garble
# What is delivered is what the camera sent, byte for byte.
order "good 5" "truncate 2" "good 2" "garble 2"
grab "among damaged ones" 20 "$film&fps=15" --raw -o films
wrong=0
for picture in films/*.raw; do
  cmp -s "$picture" "$1" || cmp -s "$picture" "$2" || wrong=$((wrong + 1))
done
expect "among damaged ones: all whole" "$wrong" = 0
expect "among damaged ones: some were damaged" "$(field "$summary" corrupt)" -ge 1

: >camera.log
replug() {
  for _ in {1..100}; do
    grep -q filming camera.log && break
    sleep 0.2
  done
  order unplug
  sleep 1
  order plug
}
grab_during "unplugged" 40 "$film&fps=15&exposure=20000" replug
expect "unplugged: noticed" "$(grep -c note: grab.log)" -ge 1
expect "unplugged: set anew" "$(grep -c 'exposure 200' camera.log)" = 2
order "good 10" "stall 3"
grab "silent" 30 "$film&fps=15"
case "$(cat grab.log)" in *"no picture for"*) ok "silence is noticed" ;; *) bad "silence: $(cat grab.log)" ;; esac

# Without nodrop the driver keeps damaged pictures to itself: they are missing then.
order unplug
await 0
echo 0 >/sys/module/uvcvideo/parameters/nodrop
order plug
await 2
order "good 5" "error 3"
grab "kept by the driver" 20 "$film&fps=15"
expect "kept by the driver: missing" "$(field "$summary" dropped)" -ge 3
expect "kept by the driver: none corrupt" "$(field "$summary" corrupt)" = 0
# What the kernel has to say about it.
[ $failures = 0 ] || { dmesg | grep -v unlink | tail -n 30; cat camera.log; } >&2
finish
