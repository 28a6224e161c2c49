//! One connection: statements go out in groups, each group ends with a Sync, answers come back in order.
//!
//! Nothing is awaited while a group is written, so a whole transaction costs one round trip. Statements that are worth
//! it are prepared under a name at first use, in the same round trip, and kept.

use crate::error;
use crate::value::{check_parameter_count, read_field, write_parameter};
use crate::wire::Wire;
use bytes::BytesMut;
use database::{DatabaseError, Notice, Result, Value};
use fallible_iterator::FallibleIterator;
use postgres_protocol::IsNull;
use postgres_protocol::message::backend::{DataRowBody, Message, RowDescriptionBody};
use postgres_protocol::message::frontend::{self, BindError};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;

/// How many statements a connection keeps prepared.
const PREPARED_LIMIT: usize = 256;

/// How many bytes of rows one message carries.
const ROWS_PART: usize = 1 << 20;

/// A column of a result as the wire describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: Arc<str>,
    pub(crate) type_oid: u32,
    pub(crate) type_modifier: i32,
}

/// What a statement answered.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) fields: Arc<[Field]>,
    pub(crate) rows: Vec<Vec<Value>>,
    pub(crate) tag: String,
    pub(crate) notices: Vec<Notice>,
    /// What COPY TO STDOUT gave.
    pub(crate) copied: Option<String>,
}

/// What a group answered: the answers before the first error, and that error.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) answers: Vec<Answer>,
    pub(crate) error: Option<DatabaseError>,
    /// Notices that came after the last answer: from deferred triggers at COMMIT.
    pub(crate) late_notices: Vec<Notice>,
}

/// Under which a statement is kept: its text, and a number for the role and search path, since PostgreSQL plans anew
/// when they change.
type Key = (u64, Arc<str>);

struct Prepared {
    name: String,
    fields: Arc<[Field]>,
    last_use: u64,
}

/// What is on its way.
enum Step {
    Statement {
        /// The columns, when they are known already.
        fields: Option<Arc<[Field]>>,
        /// Where to keep the name once the server has described it.
        keep: Option<(Key, String)>,
    },
    /// Statements by the simple protocol: any number of answers.
    Simple {
        fields: Arc<[Field]>,
    },
    GroupEnd,
}

/// A notification that another session sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    pub(crate) channel: String,
    pub(crate) payload: String,
}

impl Notification {
    /// Whether it asks for the catalog to be read again, in PostgREST's words: nothing, `reload schema`, `reload config`.
    pub(crate) fn is_reload(&self) -> bool {
        self.channel == "pgrst" && matches!(self.payload.as_str(), "" | "reload schema" | "reload config")
    }
}

/// A connection.
pub(crate) struct Connection {
    wire: Wire,
    process_id: i32,
    secret_key: i32,
    prepared: HashMap<Key, Prepared>,
    uses: u64,
    names: u64,
    steps: VecDeque<Step>,
    broken: bool,
    in_transaction: bool,
    /// Nothing but a last word was heard since the last group.
    silent: bool,
    notifications: VecDeque<Notification>,
}

impl Connection {
    /// Takes over a wire whose server is ready for queries.
    pub(crate) fn new(wire: Wire, process_id: i32, secret_key: i32) -> Connection {
        Connection {
            wire,
            process_id,
            secret_key,
            prepared: HashMap::new(),
            uses: 0,
            names: 0,
            steps: VecDeque::new(),
            broken: false,
            in_transaction: false,
            silent: false,
            notifications: VecDeque::new(),
        }
    }

    /// The server process and the key with which its statement can be cancelled.
    pub(crate) fn cancel_key(&self) -> (i32, i32) {
        (self.process_id, self.secret_key)
    }

    /// How many round trips it has cost so far.
    #[cfg(test)]
    pub(crate) fn round_trips(&self) -> u64 {
        self.wire.turns
    }

    /// Whether answers are still to come.
    pub(crate) fn is_busy(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Whether the next asker may have it: nothing is under way and no transaction is open.
    pub(crate) fn is_reusable(&self) -> bool {
        !self.broken && !self.is_busy() && !self.in_transaction && self.wire.output.is_empty()
    }

    /// Whether the server ended the session without having done anything of what was sent: the answers to that would have
    /// come before its last word.
    pub(crate) fn ended_in_silence(&self) -> bool {
        self.broken && self.silent
    }

    /// Whether the server is still there, as far as can be seen without asking it.
    pub(crate) fn is_alive(&mut self) -> bool {
        loop {
            match self.wire.try_next() {
                Ok(None) => return !self.broken,
                Ok(Some(message)) => {
                    if self.aside(message).is_some() {
                        self.broken = true;
                    }
                }
                Err(_) => {
                    self.broken = true;
                    return false;
                }
            }
            if self.broken {
                return false;
            }
        }
    }

    /// Adds a statement to the group. With a scope it is prepared once and kept.
    pub(crate) fn push(&mut self, text: &Arc<str>, parameters: &[Value], scope: Option<u64>) -> Result<()> {
        check_parameter_count(parameters.len())?;
        let known = scope.and_then(|scope| {
            self.uses += 1;
            let prepared = self.prepared.get_mut(&(scope, text.clone()))?;
            prepared.last_use = self.uses;
            Some((prepared.name.clone(), prepared.fields.clone()))
        });
        let start = self.wire.output.len();
        let step = match known {
            Some((name, fields)) => {
                self.bind(&name, parameters)?;
                Step::Statement { fields: Some(fields), keep: None }
            }
            None => {
                let keep =
                    scope.map(|scope| (scope, text.clone())).filter(|key| !self.is_being_prepared(key));
                let keep = keep.map(|key| {
                    self.names += 1;
                    (key, format!("s{}", self.names))
                });
                let name = keep.as_ref().map_or("", |(_, name)| name).to_owned();
                let output = &mut self.wire.output;
                let written = frontend::parse(&name, text, [], output)
                    .and_then(|()| frontend::describe(b'S', &name, output))
                    .map_err(statement_error)
                    .and_then(|()| self.bind(&name, parameters));
                if let Err(error) = written {
                    self.wire.output.truncate(start);
                    return Err(error);
                }
                Step::Statement { fields: None, keep }
            }
        };
        frontend::execute("", 0, &mut self.wire.output).map_err(statement_error)?;
        self.steps.push_back(step);
        Ok(())
    }

    /// Adds the rows of the COPY FROM STDIN that was pushed last. If the server does not want them, it skips them with the
    /// rest of the group.
    pub(crate) fn push_rows(&mut self, rows: &str) -> Result<()> {
        for part in rows.as_bytes().chunks(ROWS_PART) {
            let data = frontend::CopyData::new(part).map_err(statement_error)?;
            data.write(&mut self.wire.output);
        }
        frontend::copy_done(&mut self.wire.output);
        Ok(())
    }

    /// Whether the group holds it already; it is then sent without a name the second time.
    fn is_being_prepared(&self, key: &Key) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step, Step::Statement { keep: Some((other, _)), .. } if other == key))
    }

    fn bind(&mut self, name: &str, parameters: &[Value]) -> Result<()> {
        let mut text = Vec::new();
        frontend::bind(
            "",
            name,
            [],
            parameters,
            |value, out| {
                text.clear();
                if !write_parameter(value, &mut text) {
                    return Ok(IsNull::Yes);
                }
                out.extend_from_slice(&text);
                Ok(IsNull::No)
            },
            [],
            &mut self.wire.output,
        )
        .map_err(|error| match error {
            BindError::Conversion(error) => DatabaseError::internal(error),
            BindError::Serialization(error) => statement_error(error),
        })
    }

    /// Adds statements without parameters by the simple protocol, a group of their own.
    pub(crate) fn push_simple(&mut self, text: &str) -> Result<()> {
        frontend::query(text, &mut self.wire.output).map_err(statement_error)?;
        self.steps.push_back(Step::Simple { fields: Arc::default() });
        self.steps.push_back(Step::GroupEnd);
        Ok(())
    }

    /// Ends the group.
    pub(crate) fn end_group(&mut self) {
        frontend::sync(&mut self.wire.output);
        self.steps.push_back(Step::GroupEnd);
    }

    /// Forgets what was pushed and not sent, after a statement was refused.
    pub(crate) fn abandon(&mut self) {
        self.wire.output.clear();
        self.steps.clear();
    }

    /// Closes the statements that were not used for longest when there are too many. Call it between groups: a Close
    /// behind an error would be skipped.
    pub(crate) fn evict(&mut self) {
        if self.prepared.len() <= PREPARED_LIMIT {
            return;
        }
        let mut ages: Vec<(u64, Key)> =
            self.prepared.iter().map(|(key, prepared)| (prepared.last_use, key.clone())).collect();
        ages.sort_unstable_by_key(|(last_use, _)| *last_use);
        ages.truncate(PREPARED_LIMIT / 4);
        for (_, key) in ages {
            if let Some(prepared) = self.prepared.remove(&key) {
                // A name of ours holds no zero byte, so this cannot fail.
                let _ = frontend::close(b'S', &prepared.name, &mut self.wire.output);
            }
        }
    }

    /// Forgets the kept statements; the server must have been told (DISCARD ALL, DEALLOCATE ALL).
    pub(crate) fn forget_prepared(&mut self) {
        self.prepared.clear();
    }

    /// Forgets the kept statements, on both sides.
    pub(crate) async fn deallocate(&mut self) -> Result<()> {
        self.prepared.clear();
        self.push_simple("DEALLOCATE ALL")?;
        self.read_group().await?.error.map_or(Ok(()), Err)
    }

    /// Sends what is pushed and reads the answers of one group.
    ///
    /// An `Err` means that the connection is of no more use; a statement's error is in the group.
    pub(crate) async fn read_group(&mut self) -> Result<Group> {
        let result = self.read_answers().await;
        self.broken |= result.is_err();
        result
    }

    async fn read_answers(&mut self) -> Result<Group> {
        let mut group = Group::default();
        let mut answer = Answer::default();
        self.silent = true;
        loop {
            let message = match self.wire.next().await {
                Ok(message) => message,
                // A FATAL error is the server's last word.
                Err(error) => return Err(group.error.unwrap_or_else(|| error::lost(error))),
            };
            let Some(message) = self.aside(message) else { continue };
            self.silent &= matches!(message, Message::ErrorResponse(_));
            match message {
                Message::ParseComplete
                | Message::BindComplete
                | Message::CloseComplete
                | Message::ParameterDescription(_)
                | Message::CopyInResponse(_)
                | Message::CopyDone => {}
                Message::CopyOutResponse(_) => answer.copied = Some(String::new()),
                Message::CopyData(body) => {
                    let text = std::str::from_utf8(body.data()).map_err(error::protocol)?;
                    answer.copied.get_or_insert_default().push_str(text);
                }
                Message::RowDescription(body) => {
                    let fields = read_description(&body)?;
                    self.described(fields);
                }
                Message::NoData => self.described(Arc::default()),
                Message::DataRow(body) => {
                    let fields = self.current_fields()?;
                    answer.rows.push(read_row(&fields, &body)?);
                }
                Message::CommandComplete(body) => {
                    answer.tag = body.tag().map_err(error::protocol)?.to_owned();
                    self.answered(&mut group, &mut answer)?;
                }
                Message::EmptyQueryResponse => self.answered(&mut group, &mut answer)?,
                Message::NoticeResponse(body) => answer.notices.extend(error::notice(body.fields())),
                Message::ErrorResponse(body) => group.error = Some(error::from_server(body.fields())),
                Message::ReadyForQuery(body) => {
                    self.in_transaction = body.status() != b'I';
                    while let Some(step) = self.steps.pop_front() {
                        if matches!(step, Step::GroupEnd) {
                            break;
                        }
                    }
                    group.late_notices = answer.notices;
                    return Ok(group);
                }
                // The server waits for data of ours: it cannot be talked out of it with a pipeline under way.
                _ => return Err(error::protocol("a copy or authentication message")),
            }
        }
    }

    /// Takes what may come at any time; gives back what is an answer.
    fn aside(&mut self, message: Message) -> Option<Message> {
        match message {
            Message::ParameterStatus(_) => None,
            Message::NoticeResponse(_) if self.steps.is_empty() => None,
            Message::NotificationResponse(body) => {
                if let (Ok(channel), Ok(payload)) = (body.channel(), body.message()) {
                    self.notifications
                        .push_back(Notification { channel: channel.to_owned(), payload: payload.to_owned() });
                }
                None
            }
            other => Some(other),
        }
    }

    /// The next notification; waits for one.
    pub(crate) async fn notification(&mut self) -> Result<Notification> {
        loop {
            if let Some(notification) = self.notifications.pop_front() {
                return Ok(notification);
            }
            let message = self.wire.next().await.map_err(error::lost)?;
            if let Some(Message::ErrorResponse(body)) = self.aside(message) {
                self.broken = true;
                return Err(error::from_server(body.fields()));
            }
        }
    }

    /// Says goodbye.
    pub(crate) async fn terminate(mut self) {
        frontend::terminate(&mut self.wire.output);
        // The server frees the session as soon as the socket closes, told or not.
        let _ = self.wire.flush().await;
    }

    fn described(&mut self, described: Arc<[Field]>) {
        if let Some(Step::Simple { fields }) = self.steps.front_mut() {
            *fields = described;
            return;
        }
        let Some(Step::Statement { fields, keep }) = self.steps.front_mut() else { return };
        *fields = Some(described.clone());
        if let Some((key, name)) = keep.take() {
            let prepared = Prepared { name, fields: described, last_use: self.uses };
            self.prepared.insert(key, prepared);
        }
    }

    fn current_fields(&self) -> Result<Arc<[Field]>> {
        match self.steps.front() {
            Some(Step::Statement { fields: Some(fields), .. } | Step::Simple { fields }) => {
                Ok(fields.clone())
            }
            _ => Err(error::protocol("a row without a description")),
        }
    }

    fn answered(&mut self, group: &mut Group, answer: &mut Answer) -> Result<()> {
        match self.steps.front_mut() {
            Some(Step::Statement { fields, .. }) => {
                answer.fields = fields.take().unwrap_or_default();
                self.steps.pop_front();
            }
            Some(Step::Simple { fields }) => answer.fields = std::mem::take(fields),
            Some(Step::GroupEnd) | None => return Err(error::protocol("an answer too many")),
        }
        group.answers.push(std::mem::take(answer));
        Ok(())
    }
}

/// The protocol's strings end at a zero byte, and its lengths have 31 bits: what does not fit is told as PostgreSQL tells it.
fn statement_error(error: io::Error) -> DatabaseError {
    if error.to_string().contains("null") {
        return DatabaseError::new(
            sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        );
    }
    let mut refused = DatabaseError::new(
        sqlstate::PROGRAM_LIMIT_EXCEEDED,
        "the statement or one of its parameters is too large",
    );
    refused.fields_mut().internal = Some(error.to_string());
    refused
}

fn read_description(body: &RowDescriptionBody) -> Result<Arc<[Field]>> {
    body.fields()
        .map(|field| {
            Ok(Field {
                name: field.name().into(),
                type_oid: field.type_oid(),
                type_modifier: field.type_modifier(),
            })
        })
        .collect::<Vec<_>>()
        .map(Into::into)
        .map_err(error::protocol)
}

fn read_row(fields: &[Field], body: &DataRowBody) -> Result<Vec<Value>> {
    let mut ranges = body.ranges();
    let mut row = Vec::with_capacity(fields.len());
    for field in fields {
        let range = ranges.next().map_err(error::protocol)?;
        row.push(match range.ok_or_else(|| error::protocol("a short row"))? {
            None => Value::Null,
            Some(range) => {
                let bytes = body.buffer().get(range).ok_or_else(|| error::protocol("a short row"))?;
                read_field(field.type_oid, bytes)?
            }
        });
    }
    Ok(row)
}

/// The message that cancels what a server process runs.
pub(crate) fn cancel_request((process_id, secret_key): (i32, i32)) -> BytesMut {
    let mut message = BytesMut::new();
    frontend::cancel_request(process_id, secret_key, &mut message);
    message
}
