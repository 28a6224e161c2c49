// Where the project is, and its publishable key: from the environment, else as `bedplate serve --dev` has them.
export const url = process.env.SUPABASE_URL ?? 'http://127.0.0.1:54321'
export const key = process.env.SUPABASE_PUBLISHABLE_KEY ?? 'sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH'
