import { createClient } from "@supabase/supabase-js"
import { Constants, type CompositeTypes, type Database, type Enums, type Json, type Tables, type TablesInsert, type TablesUpdate } from "./database.types"

const client = createClient<Database>("http://localhost", "key")
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <T extends true>(_?: T) => {}
// — what is right
holds<Equal<Tables<"people">["age"], number>>()
holds<Equal<Tables<"people">["mood"], "sad" | 'ok "fine"' | "it's">>()
holds<Equal<Tables<"people">["colour"], "red" | null>>()
holds<Equal<Tables<"people">["settings"], Json | null>>()
holds<Equal<Tables<"people">["homes"], CompositeTypes<"address">[] | null>>()
holds<Equal<Tables<"members">["id"], string | null>>()
holds<Equal<Enums<{ schema: "other" }, "colour">, "red">>()
const moods: readonly ["sad", 'ok "fine"', "it's"] = Constants.public.Enums.mood
const row: TablesInsert<"people"> = { born: "2020-01-01", age: 1, tags: ["a"], home: { street: null, number: 1, mood: moods[0] } }
const change: TablesUpdate<"Odd name"> = { "a b": 1, class: "x", ünï: null }

async function uses() {
  const people = await client.from("people").select("id, mood, teams(name), badges(label)").eq("mood", "sad").single()
  if (people.data) {
    holds<Equal<typeof people.data.teams, { name: string } | null>>()
    holds<Equal<typeof people.data.badges, { label: string } | null>>()
  }
  const teams = await client.from("teams").select("name, people(age), members(mood)")
  if (teams.data) holds<Equal<(typeof teams.data)[0]["people"], { age: number }[]>>()
  await client.from("people").insert(row)
  await client.from("Odd name").update(change).eq("a b", 1)
  await client.from("teams").insert({ name: "x" })
  const sum = await client.rpc("add_up", { a: 1 })
  const listed = await client.rpc("listed", { at_least: "sad" })
  if (listed.data) holds<Equal<(typeof listed.data)[0]["id"], string>>()
  const of = await client.rpc("people_of", { team: 1 }).select("id")
  if (of.data) holds<Equal<(typeof of.data)[0], { id: string }>>()
  await client.rpc("nothing")
  return [sum.data]
}
void uses
