# Checks of the rigs: each prints a line; `finish` ends with the number of those that failed.
failures=0

ok() { printf 'ok      %s\n' "$*"; }
bad() { printf 'FAILED  %s\n' "$*"; failures=$((failures + 1)); }
skip() { printf 'skipped %s\n' "$*"; }
finish() { exit $((failures > 0)); }

# field JSON KEY: the number or text of a key in a line of JSON
field() { sed -nE "s/.*\"$2\":\"?([^,\"}]*).*/\1/p" <<<"$1" | head -n 1; }

# expect WHAT CONDITION…: a condition of test
expect() {
  local what=$1
  shift
  if [ "$@" ]; then ok "$what"; else bad "$what: [ $* ]"; fi
}

# accounted WHAT SUMMARY: every picture of a grab is counted once
accounted() {
  local sum=0 key
  for key in delivered dropped corrupt incomplete; do
    sum=$((sum + $(field "$2" $key) + 0))
  done
  expect "$1: all accounted for" "$sum" = \
    $(($(field "$2" last_sequence) - $(field "$2" first_sequence) + 1))
}

# grab WHAT N URL [OPTIONS]: takes N pictures; leaves the summary in $summary
grab() {
  local what=$1 count=$2 url=$3
  shift 3
  summary=$(timeout 100 "$INSPECT" camera grab "$url" -n "$count" --json "$@" 2>grab.log | tail -n 1) || true
  expect "$what: $count good pictures" "$(field "$summary" delivered)" = "$count"
  accounted "$what" "${summary:-"{}"}"
}

# streams URL: waits until somebody takes pictures. The driver's buffers are mapped then; those of cameras
# on the network are not to be seen, which are sought for two seconds.
streams() {
  case $1 in
    v4l2:*) for _ in {1..200}; do grep -qs /dev/video /proc/[0-9]*/maps && break; sleep 0.1; done ;;
    *) sleep 2 ;;
  esac
  sleep 0.7
}

# grab_during WHAT N URL COMMAND: the same, with a command run meanwhile
grab_during() {
  local what=$1 count=$2 url=$3
  shift 3
  timeout 100 "$INSPECT" camera grab "$url" -n "$count" --json >during.json 2>grab.log &
  local grabbing=$!
  streams "$url"
  "$@" >/dev/null 2>&1
  wait $grabbing || true
  summary=$(tail -n 1 during.json)
  expect "$what: $count good pictures" "$(field "$summary" delivered)" = "$count"
  accounted "$what" "${summary:-"{}"}"
}

# refused WHAT STATUS WORDS COMMAND…: the command ends so and says so
refused() {
  local what=$1 status=$2 words=$3 said got=0
  shift 3
  said=$("$@" 2>&1) || got=$?
  expect "$what: exit status $status" "$got" = "$status"
  case "$said" in *"$words"*) ok "$what: says why" ;; *) bad "$what: says '$said'" ;; esac
}

# frugal WHAT URL: in steady state a picture costs no memory, and at most four calls of the system on
# the thread that takes pictures: wait, take, give back, wake. The camera gives 25 a second; $COUNTER is
# what count_allocations.c became.
frugal() {
  local what=$1 url=$2 count calls=() early late
  if [ -z "${COUNTER:-}" ]; then
    skip "$what: allocations: no C compiler"
  else
    head -c 32 /dev/zero >counts
    ALLOCATION_COUNTS=counts LD_PRELOAD=$COUNTER "$INSPECT" camera grab "$url" -n 100000 --json \
      >frugal.json 2>&1 &
    local grabbing=$!
    sleep 4
    # Where the computer is slow the camera may begin only now.
    for _ in 1 2 3; do
      early=($(od -An -v -tu8 counts))
      sleep 4
      late=($(od -An -v -tu8 counts))
      [ "${late[0]}" = "${early[0]}" ] && break
    done
    kill -INT $grabbing
    wait $grabbing
    count=$(field "$(cat frugal.json)" delivered)
    expect "$what: $count pictures" "${count:-0}" -ge 20
    expect "$what: $((late[0] - early[0])) allocations in 4 s ($((late[2] - early[2])) on other threads)" \
      $((late[0] - early[0])) = 0
  fi
  if command -v strace >/dev/null; then
    for count in 20 120; do
      strace -c -o calls "$INSPECT" camera grab "$url" -n $count >/dev/null 2>&1
      calls+=($(awk '$NF == "total" { print $4 }' calls))
    done
    count=$((calls[1] - calls[0]))
    expect "$what: $count calls of the system for 100 pictures" $count -le 400
  else
    skip "$what: calls of the system: no strace"
  fi
}
