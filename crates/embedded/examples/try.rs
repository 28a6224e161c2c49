use database::*;
#[tokio::main]
async fn main() {
    let db = embedded::EmbeddedDatabase::open(embedded::Options::default()).unwrap();
    let op = Session::operator(SystemPrivilege::i_am_the_operator());
    let t = std::time::Instant::now();
    if let Err(e) = lay_foundation(&db).await { println!("FOUNDATION {e:?}"); }
    eprintln!("foundation {:?}", t.elapsed());
    let text = std::io::read_to_string(std::io::stdin()).unwrap();
    let mut session = op.clone();
    for p in syntax::split_script(&text).unwrap() {
        if let Some(r) = p.text.strip_prefix("as ") { let (role, claims) = r.split_once(' ').unwrap_or((r, "")); session = if role=="postgres" {op.clone()} else {Session::new(role)}; if !claims.is_empty() { session = session.with_setting("request.jwt.claims", claims); } continue; }
        println!("> {}", p.text);
        match db.run(&session, Work::one(Statement::new(p.text))).await {
            Ok(o) => for o in o { println!("{:?} {}", o.result.rows, o.tag); },
            Err(e) => println!("{e:?}"),
        }
    }
}
