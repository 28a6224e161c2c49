//! What is mailed: templates with the variables that Supabase has.
