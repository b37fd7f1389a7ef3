/**
 * What the confined process does before the command: it is root of a user namespace of its own (and nobody outside),
 * builds a file tree of what a command needs, makes it the only one there is, and gives up all rights.
 *
 * Arguments: the command; then prlimit's options; `--`; then folders to hide. Working folder: the session's. On file
 * descriptor 3 it says `ready` when only the command is left to be started; any failure before ends it.
 */
export const setupScript = `
set -eu
command=$1
shift
limits=
while [ "$1" != -- ]; do limits="$limits $1"; shift; done
shift

root=/tmp
mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev none $root

# The folder, by where we stand: the way there may be closed to us.
mkdir $root/workspace
mount --no-canonicalize --bind . $root/workspace
remount() { mount -o "remount,bind,$1" none "$2" 2>/dev/null || mount -o "remount,bind,$1,noexec" none "$2"; }
remount nosuid,nodev $root/workspace

show() {
  [ -d "$1" ] || return 0
  mkdir -p "$root$1"
  mount --rbind "$1" "$root$1"
}
for name in bin sbin lib libexec lib32 lib64 libx32 share include; do
  for base in /usr /usr/local; do
    if [ -L "$base/$name" ]; then mkdir -p "$root$base"; ln -s "$(readlink "$base/$name")" "$root$base/$name"
    else show "$base/$name"; fi
  done
done
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$root/$name"; else show "/$name"; fi
done
mkdir -p $root/etc
show /etc/alternatives
if [ -f /etc/ld.so.cache ]; then
  : > $root/etc/ld.so.cache
  mount --bind /etc/ld.so.cache $root/etc/ld.so.cache
fi
echo 'agent:x:1000:1000::/workspace:/bin/sh' > $root/etc/passwd
echo 'agent:x:1000:' > $root/etc/group

# Where the service itself lies within these folders, nothing of it is seen.
for folder in "$@"; do
  if [ -d "$root$folder" ]; then mount -t tmpfs -o mode=0755,size=4k,nosuid,nodev none "$root$folder"; fi
done

# Also what is mounted below them.
while read -r _ _ _ _ point _; do
  case $point in
    $root/usr/*|$root/bin*|$root/sbin*|$root/lib*|$root/etc/*) remount ro,nosuid,nodev "$(printf %b "$point")" ;;
  esac
done < /proc/self/mountinfo

mkdir $root/dev $root/tmp $root/proc
mount -t tmpfs -o mode=1777,size=64m,nr_inodes=4096,nosuid,nodev none $root/tmp
for device in null zero full random urandom; do
  : > $root/dev/$device
  mount --bind /dev/$device $root/dev/$device
done
ln -s /proc/self/fd $root/dev/fd
ln -s /proc/self/fd/0 $root/dev/stdin
ln -s /proc/self/fd/1 $root/dev/stdout
ln -s /proc/self/fd/2 $root/dev/stderr
ln -s /tmp $root/dev/shm

mount -t proc -o nosuid,nodev,noexec none $root/proc
hostname sandbox 2>/dev/null || true
# The one more that is made below is the last.
echo 1 > $root/proc/sys/user/max_user_namespaces
# Where memory runs out, it is the command that goes.
echo 1000 > $root/proc/self/oom_score_adj

mkdir $root/old
cd $root
pivot_root . old
cd /workspace
umount -l /old
rmdir /old
mount -o remount,bind,ro,nosuid,nodev none /

shell=/bin/sh
if [ -x /bin/bash ]; then shell=/bin/bash; fi
unshare --user --map-user=1000 --map-group=1000 \\
  nice -n 10 prlimit $limits setpriv --no-new-privs \\
  $shell -c '
    # What the service itself was left open by whoever started it. Other shells than bash know one digit only.
    for fd in /proc/self/fd/*; do
      case \${fd##*/} in
        [0-3]) ;;
        [4-9]) eval "exec \${fd##*/}>&-" ;;
        *) if [ -n "\${BASH_VERSION-}" ]; then eval "exec \${fd##*/}>&-"; fi ;;
      esac
    done
    echo ready >&3; exec "$1" -c -- "$2" 3>&-' sh $shell "$command"
`
