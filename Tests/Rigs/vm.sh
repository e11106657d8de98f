#!/usr/bin/env bash
# Runs a command under Debian's own kernel in a virtual machine, for drivers that the computer at hand
# does not have. The machine sees this computer's files read-only, writes go to its memory; standard
# output and exit status are the command's own. Nothing is installed: kernel and busybox are unpacked
# into a cache.
# usage: vm.sh MODULES SECONDS COMMAND…     (module options after colons: "vivid:n_devs=1")
set -euo pipefail
modules=$1 seconds=$2
shift 2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/inspect-rigs

prepare() (
  mkdir -p "$cache/packages"
  cd "$cache/packages"
  find_kernel() { apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends:/ { print $2; exit }'; }
  kernel=$(find_kernel)
  # A fresh computer may have no lists of packages yet.
  [ -n "$kernel" ] || { apt-get update -qq || true; kernel=$(find_kernel); }
  [ -n "$kernel" ]
  apt-get -qq -o APT::Sandbox::User=root download "$kernel" busybox-static >/dev/null
  cd ..
  version=${kernel#linux-image-}
  dpkg-deb -x packages/busybox-static_*.deb .
  dpkg-deb --fsys-tarfile packages/"$kernel"_*.deb | tar -x --wildcards \
    './boot/vmlinuz-*' './lib/modules/*/modules.*' './lib/modules/*/kernel/drivers/media/*' \
    './lib/modules/*/kernel/drivers/usb/*' './lib/modules/*/kernel/drivers/virtio/*' \
    './lib/modules/*/kernel/net/9p/*' './lib/modules/*/kernel/fs/*' \
    './lib/modules/*/kernel/lib/*' './lib/modules/*/kernel/drivers/video/*' './lib/modules/*/kernel/drivers/i2c/*' \
    './lib/modules/*/kernel/drivers/char/*'
  cp "boot/vmlinuz-$version" vmlinuz
  ./bin/busybox depmod -b . "$version"
  # What the first minutes need: the modules behind the shared file systems, in the order of need.
  rm -rf start
  mkdir -p start/bin start/modules start/proc start/sys start/dev start/below start/memory start/root
  cp bin/busybox start/bin/
  count=100
  for module in virtio_pci 9pnet_virtio 9p overlay; do
    line=$(grep -m 1 "/$module\.ko:" "lib/modules/$version/modules.dep")
    for file in $(tr ' ' '\n' <<<"${line#*:}" | tac) "${line%%:*}"; do
      name=$(basename "$file")
      ls start/modules/*-"$name" >/dev/null 2>&1 && continue
      cp "lib/modules/$version/$file" "start/modules/$count-$name"
      count=$((count + 1))
    done
  done
  cat >start/init <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
share=trans=virtio,version=9p2000.L,msize=512000
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for module in /modules/*.ko; do $b insmod $module; done
$b mount -t 9p -o $share,ro,cache=loose below /below
$b mount -t tmpfs memory /memory; $b mkdir /memory/upper /memory/work
$b mount -t overlay -o lowerdir=/below,upperdir=/memory/upper,workdir=/memory/work over /root
for folder in proc sys dev; do $b mount -o move /$folder /root/$folder; done
$b mkdir -p /root/lib/modules /root/dev/shm
$b mount -t tmpfs memory /root/run; $b mount -t tmpfs memory /root/dev/shm
$b mkdir -p /root/run/job
$b mount -t 9p -o $share,cache=none job /root/run/job
$b mount -o bind /root$($b cat /root/run/job/cache)/lib/modules /root/lib/modules
$b cp $b /root/run/busybox
exec $b chroot /root /bin/bash /run/job/guest
INIT
  chmod +x start/init
  (cd start && find . | ../bin/busybox cpio -o -H newc 2>/dev/null) | gzip -1 >start.gz
  touch ready
)
if [ ! -e "$cache/ready" ]; then
  # Not behind a condition: there an error inside would not end it.
  set +e
  (set -e; prepare) >&2
  prepared=$?
  set -e
  if [ $prepared != 0 ]; then
    echo "no kernel for the virtual machine: apt-get could not load it" >&2
    exit 125
  fi
fi

job=$(mktemp -d)
trap 'rm -rf "$job"' EXIT
echo "$cache" >"$job/cache"
printf '%q ' "$@" >"$job/command"
cat >"$job/guest" <<GUEST
export PATH=$PATH HOME=/root
echo yes >/run/job/begun
cd "$PWD"
for module in $modules; do /run/busybox modprobe \${module//:/ } || echo "no module \$module" >&2; done
( eval "\$(cat /run/job/command)" ) >/run/job/out 2>/run/job/err </dev/null
echo \$? >/run/job/status
echo o >/proc/sysrq-trigger
sleep 5
GUEST
share() { echo "-fsdev local,id=$1,path=$2,security_model=none,multidevs=remap$3 -device virtio-9p-pci,fsdev=$1,mount_tag=$1"; }
faster=(-accel tcg,thread=multi -cpu max)
if [ -w /dev/kvm ] && { [ -d /sys/module/kvm_intel ] || [ -d /sys/module/kvm_amd ]; }; then
  faster=(-accel kvm -cpu host)
fi
# So long the machine may take to come up, on a computer that is busy with something else.
patience=120
timeout "$seconds" qemu-system-x86_64 -M q35 "${faster[@]}" -smp 2 -m 2048 -nodefaults \
  -no-user-config -display none -no-reboot -serial "file:$job/console" -kernel "$cache/vmlinuz" \
  -initrd "$cache/start.gz" \
  -append "console=ttyS0 panic=-1 quiet loglevel=4 no_timer_check tsc=reliable mitigations=off" \
  $(share below / ,readonly=on) $(share job "$job" "") >"$job/qemu" 2>&1 &
machine=$!
trap 'kill $machine 2>/dev/null || true; rm -rf "$job"' EXIT
for ((waited = 0; waited < patience; waited++)); do
  [ -e "$job/begun" ] || ! kill -0 $machine 2>/dev/null && break
  sleep 1
done
[ -e "$job/begun" ] || kill $machine 2>/dev/null || true
wait $machine || true
cat "$job/out" 2>/dev/null || true
cat "$job/err" >&2 2>/dev/null || true
[ -s "$job/status" ] && exit "$(cat "$job/status")"
cat "$job/qemu" "$job/console" >&2 2>/dev/null || true
# 125: it never came up; 124: it did, and the command did not end, nor had anything failed by then.
if [ -e "$job/begun" ]; then
  ! grep -q '^FAILED' "$job/out" || exit 1
  exit 124
fi
exit 125
