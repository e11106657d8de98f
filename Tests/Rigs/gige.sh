#!/usr/bin/env bash
# GigE Vision against Aravis' fake camera, in a network of its own (unshare -n).
# usage: unshare -n gige.sh INSPECT [COUNTER]
set -uo pipefail
INSPECT=$1 COUNTER=${2:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/checks.sh"
cd "$(mktemp -d)"
ip link set lo up
for last in 2 3 4; do ip addr add 127.0.0.$last/8 dev lo; done

fake() { # fake ADDRESS SERIAL: its process in $camera
  arv-fake-gv-camera-0.8 -i "$1" -s "$2" >/dev/null 2>&1 &
  camera=$!
  sleep 1
}
fake 127.0.0.2 RIG2
second=$camera
fake 127.0.0.3 RIG3
third=$camera
fake 127.0.0.1 RIG1
trap 'kill -KILL $camera $second $third 2>/dev/null' EXIT

found=$("$INSPECT" camera list --json)
for serial in RIG1 RIG2; do
  case "$found" in *"gige:$serial"*) ok "discovery: $serial" ;; *) bad "discovery: $found" ;; esac
done

grab "large pictures" 100 "gige:RIG1?format=Mono8&roi=0,0,2048x2048&fps=25"
expect "large pictures: none lost" "$(field "$summary" dropped)" = 0
# Threads of Aravis keep a book of the packets of each picture; ours asks for nothing.
frugal "large pictures" "gige:RIG1?format=Mono8&roi=0,0,2048x2048&fps=25"
# As fast as the fake camera can. Where this computer has no time for a moment a picture may be lost: once
# in three times it must have it.
for try in 1 2 3; do
  summary=$(timeout 60 "$INSPECT" camera grab "gige:RIG1?format=Mono8&roi=0,0,2048x2048&fps=1000" -n 200 \
    --json 2>grab.log | tail -n 1)
  lost=$(($(field "$summary" dropped) + $(field "$summary" corrupt) + $(field "$summary" incomplete)))
  [ "$lost" = 0 ] && break
done
expect "full rate: $(field "$summary" fps) a second" "$(field "$summary" delivered)" = 200
expect "full rate: none lost at the time $try" "$lost" = 0
accounted "full rate" "${summary:-"{}"}"
for format in Mono8 Mono16 RGB8 BayerRG8 BayerGB8; do
  grab "$format" 5 "gige:RIG1?format=$format&roi=0,0,512x512"
  expect "$format: that format" "$(field "$summary" format)" = $format
done
grab "software trigger" 200 "gige:127.0.0.1?format=Mono8&roi=64,64,256x256&trigger=software"
expect "software trigger: none lost" "$(field "$summary" dropped)" = 0

small='?format=Mono8&roi=0,0,256x256&fps=50'
"$INSPECT" camera grab "gige:RIG2$small" -n 100 --json >second.json 2>/dev/null &
other=$!
grab "two at once" 100 "gige:RIG1$small"
wait $other
summary=$(tail -n 1 second.json)
expect "two at once: the other" "$(field "$summary" delivered)" = 100

"$INSPECT" camera grab "gige:RIG1$small" -n 100000 >/dev/null 2>&1 &
other=$!
streams gige:
refused "second client" 4 "another program controls" "$INSPECT" camera grab "gige:RIG1$small"
refused "second client, a control" 4 "another program controls" "$INSPECT" camera set gige:RIG1 Width=64
kill -INT $other
wait $other

# noticed [WORD FILE]: the milliseconds until the grab says that something is wrong
noticed() {
  local word=${1:-note:} file=${2:-grab.log} start=$(date +%s%3N)
  while ! grep -q "$word" $file && [ $(($(date +%s%3N) - start)) -lt 5000 ]; do sleep 0.02; done
  echo $(($(date +%s%3N) - start)) >noticed
}
pause() {
  kill -STOP $camera
  noticed
  sleep 0.5
  kill -CONT $camera
}
grab_during "a silent camera" 200 "gige:RIG1$small" pause
expect "a silent camera: noticed after $(cat noticed) ms" "$(cat noticed)" -le 1500
case "$(cat grab.log)" in *"no sign of life"*) ok "silence is noticed" ;; *) bad "silence" ;; esac

# A line has one outcome of an outage, and soon.
"$INSPECT" recipe new -o recipe.json5 >/dev/null
for trigger in free software; do
  "$INSPECT" run recipe.json5 --camera "gige:RIG1?format=Mono8&roi=0,0,256x256&fps=10&trigger=$trigger" \
    --parts 60 --json >line.json 2>line.log &
  other=$!
  awaited() { for _ in {1..100}; do grep -q '"part"' line.json && break; sleep 0.1; done; }
  awaited
  kill -STOP $camera
  noticed FAULT line.json
  sleep 1
  kill -CONT $camera
  wait $other
  summary=$(tail -n 1 line.json)
  expect "a line, $trigger: FAULT after $(cat noticed) ms" "$(cat noticed)" -le 2000
  expect "a line, $trigger: 60 parts" "$(field "$summary" parts)" = 60
  expect "a line, $trigger: one FAULT for it" "$(grep -cE 'no sign of life|does not answer' line.json)" = 1
  expect "a line, $trigger: the camera came back" "$(field "$summary" reconnects)" = 1
done

# A camera that waits for a signal is silent because there is none; whether it lives it must be asked.
"$INSPECT" camera grab "gige:RIG1$small&trigger=hardware&line=Line0" -n 1 --patience 12 \
  >/dev/null 2>grab.log &
other=$!
sleep 4
if [ -s grab.log ]; then bad "no signal, no news: $(cat grab.log)"; else ok "no signal, no news"; fi
kill -STOP $camera
noticed
kill -CONT $camera
expect "no signal: a dead camera is noticed after $(cat noticed) ms" "$(cat noticed)" -le 1500
kill -INT $other
wait $other
restart() { kill -KILL $camera; sleep 1; fake 127.0.0.1 RIG1; }
grab_during "a camera that comes back" 200 "gige:RIG1$small" restart

# The fake camera begins to count near 65400.
restart
grab "numbers go on" 300 "gige:RIG1$small"
expect "numbers go on: from below 65536" "$(field "$summary" first_sequence)" -lt 65536
expect "numbers go on: beyond 65535" "$(field "$summary" last_sequence)" -gt 65535

# The fake camera's pixel is a function of x + y + number: where a packet is missing, what is left of an
# older picture breaks the diagonals.
torn() { # torn FOLDER: how many pictures of 512 pixels a row have broken diagonals
  python3 - "$1" <<'PYTHON'
import glob, sys
torn, width = 0, 512
for path in glob.glob(sys.argv[1] + "/*.raw"):
    with open(path, "rb") as file:
        pixels = file.read()
    rows = [pixels[i:i + width] for i in range(0, len(pixels), width)]
    torn += any(upper[1:] != lower[:-1] for upper, lower in zip(rows, rows[1:]))
print(torn)
PYTHON
}
through_bad_network() { # through_bad_network WHAT COUNT OPTIONS: 0.5 % of the packets are lost
  "$here/lossy_network.py" 127.0.0.3 127.0.0.4 5 >network.log &
  local network=$!
  sleep 0.5
  grab "$1" "$2" "gige:127.0.0.4?format=Mono8&roi=0,0,512x512&fps=25&$3" --raw -o "pictures-$3"
  kill -TERM $network
  wait $network || true
  lost=$(sed -E 's/.*lost ([0-9]+).*/\1/' network.log)
  damaged=$(($(field "$summary" corrupt) + $(field "$summary" incomplete)))
  expect "$1: $(cat network.log)" "$lost" -gt 0
  expect "$1: $damaged damaged, none delivered" "$(torn "pictures-$3")" = 0
}
if command -v python3 >/dev/null; then
  through_bad_network "lost packets come again" 200 resend=1
  expect "lost packets come again: nearly all" "$damaged" -le 10
  through_bad_network "lost packets stay lost" 50 resend=0
  expect "lost packets stay lost: pictures with them" "$damaged" -gt 5
else
  skip "lost packets: no python3"
fi
# What is set is read back, by the name that it was asked by.
answer=$("$INSPECT" camera set gige:RIG1 exposure=4321 gain=3 fps=25 Width=128 --json)
for setting in exposure:4321 gain:3 fps:25 Width:128; do
  expect "set: ${setting%:*} read back" "$(field "$answer" ${setting%:*})" = ${setting#*:}
done
refused "unknown format" 2 "it has" "$INSPECT" camera grab "gige:RIG1?format=Mono12"
refused "unknown camera" 4 "not found" "$INSPECT" camera grab "gige:NOBODY"
finish
