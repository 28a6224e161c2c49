//! `cargo xtask measure NAME`: figures for docs/measured/.

use crate::run::{Result, cargo, output, root, run, target};
use std::process::Command;
use std::time::Instant;

/// Runs one.
pub(crate) fn measure(name: &str) -> Result {
    match name {
        "point-read" => point_read(),
        "start" => start(),
        "tokens" => {
            run(cargo().args(["run", "--locked", "--release", "--package", "web", "--example", "tokens"]))
        }
        other => Err(format!("no measurement named {other:?}; there are: point-read, start, tokens")),
    }
}

/// Instruction counts of a point read by stage, by callgrind: they do not drift with the machine.
fn point_read() -> Result {
    run(cargo().args(["build", "--locked", "--release", "--package", "server", "--example", "point_read"]))?;
    let program = target().join("release/examples/point_read");
    let count = |stage: &str, rounds: u32| -> Result<i64> {
        let file = target().join("callgrind.out");
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", &format!("--callgrind-out-file={}", file.display())]);
        let text = command
            .arg(&program)
            .args([stage, &rounds.to_string()])
            .output()
            .map_err(|error| format!("valgrind: {error}"))?;
        let text = String::from_utf8_lossy(&text.stderr).into_owned();
        let collected = text.lines().find_map(|line| line.split("Collected :").nth(1));
        collected
            .and_then(|number| number.trim().parse().ok())
            .ok_or_else(|| format!("callgrind gave no count:\n{text}"))
    };
    let stages = output(Command::new(&program).arg("stages"))?;
    println!("instructions a request, the difference of 1,100 and 100 rounds:");
    for stage in stages.lines() {
        let (few, many) = (count(stage, 100)?, count(stage, 1100)?);
        println!("{stage:>12} {:>9}", (many - few) / 1000);
    }
    Ok(())
}

/// Twenty starts of `serve --ephemeral` with the example, until it prints that it serves.
fn start() -> Result {
    run(cargo().args(["build", "--locked", "--release", "--package", "server", "--bin", "bedplate"]))?;
    let program = target().join("release/bedplate");
    let mut times = Vec::new();
    for round in 0..20_u32 {
        let address = format!("127.0.0.1:{}", 55000 + round);
        let begun = Instant::now();
        let mut child = Command::new(&program)
            .args(["serve", "examples/todo", "--ephemeral", "--listen", &address])
            .current_dir(root())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        while !answers(&address) {
            if begun.elapsed().as_secs() > 20 {
                return Err(format!("round {round}: no answer after 20 s"));
            }
            std::thread::sleep(std::time::Duration::from_micros(500));
        }
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
    }
    times.sort_by(f64::total_cmp);
    println!(
        "start to first answer of /ready, 20 starts: median {:.1} ms, p95 {:.1} ms, worst {:.1} ms",
        times[9], times[18], times[19]
    );
    Ok(())
}

/// Whether `/ready` answers 200.
fn answers(address: &str) -> bool {
    use std::io::{Read, Write};
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return false };
    let request = format!("GET /ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}
