const mood: Enums<"mood"> = "glad"
const row: TablesInsert<"people"> = { born: "2020-01-01" }
const always: TablesInsert<"teams"> = { id: 1, name: "x" }
void client.from("nowhere").select()
void client.from("people").insert({ born: 1, age: 1 })
void client.rpc("listed", { at_least: "glad" })
