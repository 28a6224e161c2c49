//! The server process that belongs to a cluster's folder: found by its pid file, told to stop, waited for.

use super::place::SOCKET_NAME;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A server process, as `postmaster.pid` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: Pid,
    pub(crate) socket_folder: Option<PathBuf>,
}

/// How a server is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shutdown {
    /// Sessions end, then a checkpoint.
    Fast,
    /// Without a checkpoint; the next start recovers.
    Immediate,
}

impl Postmaster {
    /// The server that runs on a cluster's folder, if there is one. A pid file whose process is gone, or is another
    /// program, is an old one.
    pub(crate) fn of(cluster: &Path) -> Option<Postmaster> {
        Postmaster::noted(cluster).filter(|noted| noted.is_running() && noted.is_server_of(cluster))
    }

    /// What the pid file says, true or not any more.
    pub(crate) fn noted(cluster: &Path) -> Option<Postmaster> {
        let file = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
        let mut lines = file.lines();
        let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
        let socket_folder = lines.nth(3).filter(|line| !line.is_empty()).map(PathBuf::from);
        Some(Postmaster { pid, socket_folder })
    }

    /// Whether somebody answers at its socket: also one whose process cannot be seen from here, in another container.
    pub(crate) fn answers(&self) -> bool {
        let socket = self.socket_folder.as_ref().map(|folder| folder.join(SOCKET_NAME));
        socket.is_some_and(|socket| UnixStream::connect(socket).is_ok())
    }

    /// Whether the process is a server started on this folder, as far as the system tells.
    fn is_server_of(&self, cluster: &Path) -> bool {
        let cluster = cluster.as_os_str().to_string_lossy();
        command_line(self.pid).is_some_and(|line| line.contains("postgres") && line.contains(&*cluster))
    }

    pub(crate) fn is_running(&self) -> bool {
        // EPERM: it runs, as somebody else.
        !is_zombie(self.pid) && !matches!(test_kill_process(self.pid), Err(rustix::io::Errno::SRCH))
    }

    pub(crate) fn signal(&self, how: Shutdown) {
        let signal = match how {
            Shutdown::Fast => Signal::INT,
            Shutdown::Immediate => Signal::QUIT,
        };
        // It may have ended by itself; the wait that follows finds out.
        let _ = kill_process(self.pid, signal);
    }

    /// Waits for its end, blocking.
    pub(crate) fn wait(&self, limit: Duration) -> bool {
        let start = Instant::now();
        while self.is_running() {
            if start.elapsed() > limit {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }

    /// Removes the folder of its socket after its end, if it is one that we made.
    pub(crate) fn remove_socket_folder(&self) {
        if let Some(folder) = &self.socket_folder
            && folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("bedplate-"))
        {
            remove_socket_folder(folder);
        }
    }
}

/// Removes a socket's folder with what a server leaves in it, and nothing else.
pub(crate) fn remove_socket_folder(folder: &Path) {
    for name in [SOCKET_NAME.to_owned(), format!("{SOCKET_NAME}.lock")] {
        let _ = fs::remove_file(folder.join(name));
    }
    let _ = fs::remove_dir(folder);
}

#[cfg(target_os = "linux")]
fn command_line(pid: Pid) -> Option<String> {
    let bytes = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

#[cfg(not(target_os = "linux"))]
fn command_line(pid: Pid) -> Option<String> {
    let pid = pid.as_raw_nonzero().to_string();
    let output =
        std::process::Command::new("ps").args(["-ww", "-o", "command=", "-p", &pid]).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Ended, but whoever started it has not asked yet.
#[cfg(target_os = "linux")]
fn is_zombie(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

#[cfg(not(target_os = "linux"))]
fn is_zombie(_: Pid) -> bool {
    false
}
