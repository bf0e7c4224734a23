# cut.py PID SECONDS shuts down each connection that a process has, and for so long each new one.
#
# It takes a copy of the process's sockets (pidfd_getfd, Linux 5.6) and shuts them down for both
# sides: no rule of a firewall, nothing to be taken back. Listening sockets are left alone.
#
# SPDX-License-Identifier: Apache-2.0
import ctypes
import os
import socket
import sys
import time

PIDFD_OPEN, PIDFD_GETFD = 434, 438
libc = ctypes.CDLL(None, use_errno=True)


def call(number, *args):
    result = libc.syscall(number, *args)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def cut(pid, pidfd):
    """Returns how many connections there were."""
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            if not os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
                continue
            copy = socket.socket(fileno=call(PIDFD_GETFD, pidfd, int(name), 0))
        except (FileNotFoundError, OSError) as error:
            if isinstance(error, PermissionError):
                raise
            continue  # closed meanwhile
        with copy:
            if copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                continue
            try:
                copy.shutdown(socket.SHUT_RDWR)
                count += 1
            except OSError:
                pass  # not connected any more
    return count


def main():
    pid, end = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
    pidfd = call(PIDFD_OPEN, pid, 0)
    count = cut(pid, pidfd)
    if count == 0:
        sys.exit("there was no connection to cut")
    while time.monotonic() < end:
        time.sleep(0.01)
        count += cut(pid, pidfd)
    print(count)


main()
