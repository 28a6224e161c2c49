//! Faults in the weaving of row security and privileges and in the rules of types, one for each rule, that tests switch on: the
//! conformance scripts must catch every one. Without the feature `mutants` nothing of it is in the program, [`is`] is a constant.

/// Declares the faults and the list of all.
macro_rules! mutants {
    (weaving { $($(#[$doc:meta])* $name:ident,)* } types { $($(#[$type_doc:meta])* $type_name:ident,)* }) => {
        /// A rule that is left out or turned around.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutant {
            $($(#[$doc])* $name,)*
            $($(#[$type_doc])* $type_name,)*
        }

        /// Those of row security, privileges and triggers.
        #[cfg(feature = "mutants")]
        pub const ALL: &[Mutant] = &[$(Mutant::$name,)*];

        /// Those of the rules of types.
        #[cfg(feature = "mutants")]
        pub const TYPES: &[Mutant] = &[$(Mutant::$type_name,)*];
    };
}

mutants! {
    weaving {
    /// Row security is never active.
    RowSecurityOff,
    /// Row security is active on every table.
    RowSecurityEverywhere,
    /// FORCE ROW LEVEL SECURITY is ignored.
    ForceIgnored,
    /// The owner is subject to policies without FORCE.
    OwnerSubject,
    /// BYPASSRLS and superusers are subject to policies.
    BypassIgnored,
    /// Policies of other roles count.
    PolicyRoleIgnored,
    /// Policies for other commands count.
    PolicyCommandIgnored,
    /// Every permissive policy must hold instead of one.
    PermissiveAnd,
    /// Restrictive policies do not filter.
    RestrictiveUsingIgnored,
    /// Restrictive policies do not check.
    RestrictiveCheckIgnored,
    /// Restrictive policies alone let rows be seen.
    WithoutPermissiveSeen,
    /// Restrictive policies alone let rows be written.
    WithoutPermissiveWritten,
    /// WITH CHECK is not asked of an INSERT.
    InsertUnchecked,
    /// WITH CHECK is not asked of an UPDATE.
    UpdateUnchecked,
    /// USING does not check where WITH CHECK is absent.
    UsingNoCheck,
    /// USING checks although there is a WITH CHECK.
    CheckNotOwn,
    /// SELECT sees every row.
    SelectUnfiltered,
    /// UPDATE reaches rows beyond its own policies.
    UpdateUnfiltered,
    /// DELETE reaches rows beyond its own policies.
    DeleteUnfiltered,
    /// An UPDATE that reads is not held to SELECT's policies.
    UpdateReadsUnfiltered,
    /// A DELETE that reads is not held to SELECT's policies.
    DeleteReadsUnfiltered,
    /// INSERT … RETURNING shows rows that SELECT's policies hide.
    InsertReturnsHidden,
    /// A reading UPDATE may hide the new row from its writer.
    UpdateHidesNew,
    /// ON CONFLICT DO UPDATE changes a row beyond UPDATE's policies.
    ConflictExistingUnchecked,
    /// ON CONFLICT DO UPDATE changes a row that SELECT's policies hide.
    ConflictReadUnchecked,
    /// ON CONFLICT DO UPDATE writes what WITH CHECK forbids.
    ConflictNewUnchecked,
    /// A predicate in WHERE sees rows before the policies.
    LeakInWhere,
    /// A predicate in ON sees rows before the policies.
    LeakInJoin,
    /// A predicate in HAVING sees rows before the policies.
    LeakInHaving,
    /// A predicate sees rows that a sub-query, view or common table expression hides.
    LeakThroughSubquery,
    /// A predicate sees rows that a view with security_barrier hides.
    BarrierReadIgnored,
    /// ON CONFLICT DO UPDATE changes a row that the view does not show.
    ViewConflictUnchecked,
    /// Privileges on whole tables (DELETE and the like) are not asked.
    TablePrivilegeIgnored,
    /// Reading columns without SELECT on them.
    SelectPrivilegeIgnored,
    /// Giving columns without INSERT on them.
    InsertPrivilegeIgnored,
    /// Assigning columns without UPDATE on them.
    UpdatePrivilegeIgnored,
    /// What a write reads of its own table needs no SELECT.
    ReadByWriteFree,
    /// A whole row may be read when one column may.
    WholeRowAsAny,
    /// A statement that names no column needs none.
    NoColumnFree,
    /// Tables in views, policies and function bodies need no privilege.
    WithinUnchecked,
    /// Calling a function without EXECUTE.
    ExecuteIgnored,
    /// Naming a schema without USAGE.
    UsageIgnored,
    /// A view reads as who asks.
    ViewAsAsker,
    /// A view with security_invoker reads as its owner.
    InvokerViewAsOwner,
    /// The policies of what a view reads are asked as who asks.
    ViewPolicyAsAsker,
    /// Writing through a view does as who asks.
    ViewWrittenAsAsker,
    /// Writing through a view with security_invoker does as its owner.
    InvokerViewWrittenAsOwner,
    /// UPDATE and DELETE reach rows that the view does not show.
    ViewConditionIgnored,
    /// WITH CHECK OPTION is not looked at.
    ViewCheckIgnored,
    /// WITH CASCADED CHECK OPTION does not reach the views below.
    ViewCascadeIgnored,
    /// What is below a view needs no privilege to be written.
    ViewWriteNeedsNothing,
    /// A predicate sees rows before the condition of a view with security_barrier.
    ViewBarrierIgnored,
    /// A SECURITY DEFINER function runs as who calls.
    DefinerAsCaller,
    /// A SECURITY INVOKER function runs as its owner.
    FunctionAsOwner,
    /// A trigger's WHEN is not asked.
    WhenIgnored,
    /// UPDATE OF names no columns.
    UpdateOfIgnored,
    /// Disabled triggers fire.
    DisabledTriggersFire,
    /// Triggers fire from the last name to the first.
    TriggersReversed,
    /// What a trigger assigns to NEW is lost.
    TriggerAssignmentLost,
    /// RETURN NULL of a trigger skips no row.
    TriggerSkipIgnored,
    /// Rows that a referential action changes fire no triggers.
    ActionsFireNothing,
    /// AFTER triggers fire right after their row.
    AfterAtOnce,
    /// The triggers of what a trigger does fire with those of the statement around.
    NestedWithOuter,
    /// BEFORE triggers of what a referential action does run as who asks.
    ActionAsAsker,
    /// FOR UPDATE needs no UPDATE.
    LockWithoutPrivilege,
    /// FOR UPDATE shows rows beyond UPDATE's policies.
    LockUnfiltered,
    /// Errors show the values of rows under row security.
    RevealRows,
    /// Errors show the values of columns that may not be read.
    RevealColumns,
    }
    types {
    /// Casts that need no asking need an assignment.
    ImplicitCastsMissing,
    /// Casts of assignments happen everywhere.
    AssignmentCastsImplicit,
    /// Casts that must be written happen in assignments.
    ExplicitCastsAssigned,
    /// Not everything is assigned to a text.
    TextAssignmentMissing,
    /// Texts cannot be cast to what reads them.
    TextCastMissing,
    /// No type is preferred in its category.
    PreferredTypesIgnored,
    /// An untyped literal is not of the type of what it is compared with.
    UnknownNotAsOther,
    /// An untyped argument is no text where one may be.
    UnknownNotText,
    /// Of several types the first is common to all.
    FirstTypeIsCommon,
    /// Types of two categories have a common one.
    CategoriesMixed,
    /// Lengths, precisions and scales are not applied.
    ModifierIgnored,
    /// What is too long for a column is cut.
    TooLongIsCut,
    /// A whole number is a bigint.
    NumbersAreBigint,
    /// Sums of integers go on beyond the type.
    OverflowUnchecked,
    /// Integers are divided as fractions.
    DivisionOfFractions,
    /// Numerics compare as their texts.
    NumericAsText,
    /// Intervals compare as their texts.
    IntervalAsText,
    /// Documents compare as their texts.
    JsonbAsText,
    /// Texts compare as numerics where one stands beside.
    CollationCarriedOver,
    /// Enums sort the other way.
    EnumsReversed,
    /// NULL is distinct from nothing.
    DistinctAsUnequal,
    /// NULL sorts first.
    NullsFirst,
    /// Literals of time are read before the zone is known.
    ZoneIgnored,
    /// Pads of character(n) are part of its text.
    PadsKept,
    }
}

#[cfg(feature = "mutants")]
static ACTIVE: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(usize::MAX);

/// Switches one on in the whole process, or all off.
#[cfg(feature = "mutants")]
pub fn switch(mutant: Option<Mutant>) {
    let value = mutant.map_or(usize::MAX, |mutant| mutant as usize);
    ACTIVE.store(value, std::sync::atomic::Ordering::SeqCst);
}

/// Whether the fault is on.
#[cfg(feature = "mutants")]
pub fn is(mutant: Mutant) -> bool {
    ACTIVE.load(std::sync::atomic::Ordering::Relaxed) == mutant as usize
}

/// Whether the fault is on: never.
#[cfg(not(feature = "mutants"))]
pub const fn is(_: Mutant) -> bool {
    false
}

/// A fault that fuzzing must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canary {
    /// NULLIF of numerics panics.
    Panic,
    /// NULLIF of what is no column becomes what SQLite does not take.
    BadText,
}

#[cfg(feature = "mutants")]
static PLANTED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(usize::MAX);

/// Plants a fault in the whole process.
#[cfg(feature = "mutants")]
pub fn plant(canary: Canary) {
    PLANTED.store(canary as usize, std::sync::atomic::Ordering::SeqCst);
}

/// Whether a fault is planted.
#[cfg(feature = "mutants")]
pub fn is_planted(canary: Canary) -> bool {
    PLANTED.load(std::sync::atomic::Ordering::Relaxed) == canary as usize
}

/// Whether a fault is planted: never.
#[cfg(not(feature = "mutants"))]
pub const fn is_planted(_: Canary) -> bool {
    false
}
