#!/usr/bin/env bash
# Video4Linux against the kernel's vivid driver, inside the machine that vm.sh boots.
# usage: vivid.sh INSPECT [COUNTER]
set -uo pipefail
INSPECT=$1 COUNTER=${2:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/checks.sh"
cd "$(mktemp -d)"
device=/dev/video0
control() { "$INSPECT" camera set "v4l2:$device" "$@" >/dev/null 2>&1; }
still='set=osd_text_mode:2,gain_automatic:0,test_pattern:'
small='format=GREY&size=320x180&fps=30'

case "$("$INSPECT" camera list --json)" in *vivid*) ok list ;; *) bad list ;; esac

# Colour bars of 75 %: the same picture in every format, each as the format has it.
formats="GREY Y10 Y12 Y16 Y16_BE YUYV UYVY YVYU VYUY NV12 NV21 RGB24 BGR24"
for order in SRGGB SGRBG SGBRG SBGGR; do formats+=" ${order}8 ${order}10 ${order}12 ${order}16"; done
for format in $formats; do
  bars="v4l2:$device?format=$format&size=320x180&${still}0"
  "$INSPECT" camera grab "$bars" -n 1 -o "$format" --raw >/dev/null 2>&1
  grab "$format" 1 "$bars" -o "$format"
  expect "$format: that format" "$(field "$summary" format)" = "$format"
done
if command -v python3 >/dev/null; then
  "$here/known_pattern.py" 320x180 $formats
  failures=$((failures + $?))
else
  skip "pixel for pixel: no python3"
fi
# What we do not read ourselves, by libv4lconvert; it takes brightness for one of full range.
case "$("$INSPECT" camera probe "v4l2:$device" --json)" in
  *'"dmabuf":true'*) ok "buffers can be shared" ;;
  *) bad "buffers can be shared" ;;
esac
if ls /usr/lib/*/libv4lconvert.so.0 >/dev/null 2>&1; then
  for format in RGBP YU12; do
    grab "$format" 1 "v4l2:$device?format=$format&size=320x180&${still}0" -o "$format"
    "$INSPECT" op gray -i "$format"/*.png -o "$format.png"
    "$INSPECT" op gray -i RGB24/*.png -o RGB24.png
    "$INSPECT" op absdiff -i "$format.png" -i2 RGB24.png -o difference.png
    off=$(field "$("$INSPECT" op stats -i difference.png)" mean)
    expect "$format: $off levels from RGB24" "${off%.*}" -lt 16
  done
else
  skip "formats that are none of ours: no libv4lconvert (package libv4l-0)"
fi
noticed() { expect "$1: noticed" "$(grep -c note: grab.log)" -ge 1; }
grab_during "an error flag" 150 "v4l2:$device?$small" control inject_v4l2_buf_flag_error=1
expect "an error flag: one damaged" "$(field "$summary" corrupt)" = 1
expect "an error flag: none half" "$(field "$summary" incomplete)" = 0
grab_during "a buffer refused" 150 "v4l2:$device?$small" control inject_vidioc_qbuf_error=1
expect "a buffer refused: none damaged" "$(field "$summary" corrupt)" = 0
control percentage_of_dropped_buffers=30
grab "dropped buffers" 60 "v4l2:$device?$small"
expect "dropped buffers: some" "$(field "$summary" dropped)" -gt 3
control percentage_of_dropped_buffers=0
control wrap_sequence_number=1
grab "numbers beyond 32 bits" 150 "v4l2:$device?$small"
expect "numbers beyond 32 bits: go on" "$(field "$summary" last_sequence)" -gt 4294967295
control wrap_sequence_number=0
grab_during "a stream that fails" 150 "v4l2:$device?$small" control inject_fatal_streaming_error=1
noticed "a stream that fails"
restart_refused() {
  control inject_vidioc_reqbufs_error=1 inject_vidioc_streamon_error=1
  control inject_fatal_streaming_error=1
}
grab_during "a new start refused twice" 150 "v4l2:$device?$small" restart_refused
noticed "a new start refused twice"
control inject_vidioc_reqbufs_error=1
grab "no buffers at the start" 30 "v4l2:$device?$small"
noticed "no buffers at the start"
control inject_vidioc_streamon_error=1
grab "no stream at the start" 30 "v4l2:$device?$small"
noticed "no stream at the start"
grab_during "unplugged" 150 "v4l2:$device?$small" control disconnect=1
noticed "unplugged"
rebind() {
  echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind
  sleep 1
  echo vivid.0 >/sys/bus/platform/drivers/vivid/bind
}
grab_during "unbound and bound" 150 "v4l2:$device?$small" rebind
noticed "unbound and bound"

# A line has one outcome of the outage; pictures that this computer has no time for are others.
"$INSPECT" recipe new -o recipe.json5 >/dev/null
timeout 60 "$INSPECT" run recipe.json5 --camera "v4l2:$device?format=GREY&size=320x180&fps=15" --parts 90 \
  --json >line.json 2>line.log &
running=$!
for _ in {1..100}; do grep -q '"part"' line.json && break; sleep 0.1; done
control disconnect=1
wait $running
summary=$(tail -n 1 line.json)
expect "a line: 90 parts" "$(field "$summary" parts)" = 90
expect "a line: one FAULT for the outage" "$(grep -c '"FAULT".*lost the camera' line.json)" = 1
expect "a line: the camera came back" "$(field "$summary" reconnects)" = 1

# A hundred times: what is open and what memory is held stay as they were after the first ten.
"$INSPECT" camera grab "v4l2:$device?$small" -n 1000000 --json >cycles.json 2>/dev/null &
grabbing=$!
held() { echo "$(ls /proc/$grabbing/fd | wc -l) $(awk '/VmRSS/ { print $2 }' /proc/$grabbing/status)"; }
# A device that somebody holds still is not there again under its name.
holds() { ls -l /proc/$grabbing/fd | grep -q "$device"; }
streams "v4l2:$device"
for cycle in {1..100}; do
  echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind
  for _ in {1..50}; do holds || break; sleep 0.1; done
  echo vivid.0 >/sys/bus/platform/drivers/vivid/bind
  for _ in {1..50}; do holds && break; sleep 0.1; done
  sleep 0.2
  [ $cycle = 10 ] && { sleep 2; early=($(held)); }
done
sleep 2
late=($(held))
kill -INT $grabbing
wait $grabbing
accounted "100 times unplugged" "$(tail -n 1 cycles.json)"
expect "100 times unplugged: ${late[0]} files open" "${late[0]}" = "${early[0]}"
expect "100 times unplugged: ${late[1]} kB" "${late[1]}" -le $((early[1] + 2048))

# Somebody who is in no group.
stranger() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
chmod 660 $device
if stranger test -x "$INSPECT" && stranger "$INSPECT" --version >/dev/null 2>&1; then
  refused "no permission" 4 "usermod -aG" stranger "$INSPECT" camera probe "v4l2:$device"
  refused "no permission, list" 0 "udev rule" stranger "$INSPECT" camera list
else
  skip "no permission: a stranger may not run the program where it lies"
fi

refused "unknown format" 2 "it has GREY" "$INSPECT" camera grab "v4l2:$device?format=XXXX"
refused "unknown size" 2 "there is 320x180" "$INSPECT" camera grab "v4l2:$device?format=GREY&size=3x3"
refused "no such device" 4 "There is $device" "$INSPECT" camera grab v4l2:/dev/video77
"$INSPECT" camera grab "v4l2:$device?$small" -n 100000 >/dev/null 2>&1 &
grabbing=$!
streams v4l2:
refused "in use" 4 "in use by inspect" "$INSPECT" camera grab "v4l2:$device?$small"
kill -INT $grabbing
wait $grabbing

for format in GREY Y16 YUYV SRGGB12; do
  frugal "$format" "v4l2:$device?format=$format&size=320x180&fps=25"
done
finish
