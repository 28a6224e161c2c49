export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

export type Database = {
  // What the server answers by: supabase-js chooses its types of results by it.
  __InternalSupabase: {
    PostgrestVersion: "14.1"
  }
  other: {
    Tables: {
      [_ in never]: never
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      colour: "red"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  public: {
    Tables: {
      "Odd name": {
        Row: {
          "a b": number
          class: string | null
          "ünï": boolean | null
        }
        Insert: {
          "a b": number
          class?: string | null
          "ünï"?: boolean | null
        }
        Update: {
          "a b"?: number
          class?: string | null
          "ünï"?: boolean | null
        }
        Relationships: []
      }
      badges: {
        Row: {
          label: string
          person: string
        }
        Insert: {
          label: string
          person: string
        }
        Update: {
          label?: string
          person?: string
        }
        Relationships: [
          {
            foreignKeyName: "badges_person_fkey"
            columns: ["person"]
            isOneToOne: true
            referencedRelation: "members"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "badges_person_fkey"
            columns: ["person"]
            isOneToOne: true
            referencedRelation: "people"
            referencedColumns: ["id"]
          },
        ]
      }
      of_pairs: {
        Row: {
          a: number | null
          b: number | null
          id: number
        }
        Insert: {
          a?: number | null
          b?: number | null
          id: number
        }
        Update: {
          a?: number | null
          b?: number | null
          id?: number
        }
        Relationships: [
          {
            foreignKeyName: "of_pairs_a_b_fkey"
            columns: ["a", "b"]
            isOneToOne: false
            referencedRelation: "pairs"
            referencedColumns: ["a", "b"]
          },
        ]
      }
      pairs: {
        Row: {
          a: number
          b: number
        }
        Insert: {
          a: number
          b: number
        }
        Update: {
          a?: number
          b?: number
        }
        Relationships: []
      }
      people: {
        Row: {
          age: number
          born: string
          colour: Database["other"]["Enums"]["colour"] | null
          doubled: number | null
          home: Database["public"]["CompositeTypes"]["address"] | null
          homes: Database["public"]["CompositeTypes"]["address"][] | null
          id: string
          made_at: string
          mood: Database["public"]["Enums"]["mood"]
          moods: Database["public"]["Enums"]["mood"][] | null
          odd: number | null
          score: number | null
          settings: Json | null
          tags: string[]
          team_id: number | null
        }
        Insert: {
          age: number
          born: string
          colour?: Database["other"]["Enums"]["colour"] | null
          doubled?: never
          home?: Database["public"]["CompositeTypes"]["address"] | null
          homes?: Database["public"]["CompositeTypes"]["address"][] | null
          id?: string
          made_at?: string
          mood?: Database["public"]["Enums"]["mood"]
          moods?: Database["public"]["Enums"]["mood"][] | null
          odd?: number | null
          score?: number | null
          settings?: Json | null
          tags?: string[]
          team_id?: number | null
        }
        Update: {
          age?: number
          born?: string
          colour?: Database["other"]["Enums"]["colour"] | null
          doubled?: never
          home?: Database["public"]["CompositeTypes"]["address"] | null
          homes?: Database["public"]["CompositeTypes"]["address"][] | null
          id?: string
          made_at?: string
          mood?: Database["public"]["Enums"]["mood"]
          moods?: Database["public"]["Enums"]["mood"][] | null
          odd?: number | null
          score?: number | null
          settings?: Json | null
          tags?: string[]
          team_id?: number | null
        }
        Relationships: [
          {
            foreignKeyName: "people_odd_fkey"
            columns: ["odd"]
            isOneToOne: false
            referencedRelation: "Odd name"
            referencedColumns: ["a b"]
          },
          {
            foreignKeyName: "people_team_id_fkey"
            columns: ["team_id"]
            isOneToOne: false
            referencedRelation: "teams"
            referencedColumns: ["id"]
          },
        ]
      }
      teams: {
        Row: {
          id: number
          name: string
        }
        Insert: {
          id?: never
          name: string
        }
        Update: {
          id?: never
          name?: string
        }
        Relationships: []
      }
    }
    Views: {
      counted: {
        Row: {
          people: number | null
        }
        Relationships: []
      }
      members: {
        Row: {
          id: string | null
          mood: Database["public"]["Enums"]["mood"] | null
          team_id: number | null
        }
        Insert: {
          id?: string | null
          mood?: Database["public"]["Enums"]["mood"] | null
          team_id?: number | null
        }
        Update: {
          id?: string | null
          mood?: Database["public"]["Enums"]["mood"] | null
          team_id?: number | null
        }
        Relationships: [
          {
            foreignKeyName: "people_team_id_fkey"
            columns: ["team_id"]
            isOneToOne: false
            referencedRelation: "teams"
            referencedColumns: ["id"]
          },
        ]
      }
    }
    Functions: {
      add_up:
        | {
          Args: { a: string }
          Returns: string
        }
        | {
          Args: { a: number; b?: number }
          Returns: number
        }
      full_name: {
        Args: { "": Database["public"]["Tables"]["teams"]["Row"] }
        Returns: string
      }
      listed: {
        Args: { at_least: Database["public"]["Enums"]["mood"] }
        Returns: { id: string; mood: Database["public"]["Enums"]["mood"] }[]
      }
      members_of: {
        Args: { "": Database["public"]["Tables"]["teams"]["Row"] }
        Returns: Database["public"]["Tables"]["people"]["Row"][]
        SetofOptions: {
          from: "teams"
          to: "people"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      nothing: {
        Args: never
        Returns: undefined
      }
      people_of: {
        Args: { team: number }
        Returns: Database["public"]["Tables"]["people"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "people"
          isOneToOne: false
          isSetofReturn: true
        }
      }
    }
    Enums: {
      mood: "sad" | "ok \"fine\"" | "it's"
    }
    CompositeTypes: {
      address: {
        street: string | null
        number: number | null
        mood: Database["public"]["Enums"]["mood"] | null
      }
    }
  }
}

type Schemas = Omit<Database, "__InternalSupabase">
type SchemaName = keyof Schemas
type RelationsOf<S extends SchemaName> = Schemas[S]["Tables"] & Schemas[S]["Views"]
type DefaultSchema = Extract<SchemaName, "public">
type Member<Parts, Name, Key extends PropertyKey> = Name extends keyof Parts
  ? Parts[Name] extends { [K in Key]: infer Found }
    ? Found
    : never
  : never

/** A row of a table or view: `Tables<"todos">`, or `Tables<{ schema: "other" }, "todos">`. */
export type Tables<
  Place extends keyof RelationsOf<DefaultSchema> | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof RelationsOf<Place["schema"]> : never = never,
> = Place extends { schema: SchemaName }
  ? Member<RelationsOf<Place["schema"]>, Name, "Row">
  : Member<RelationsOf<DefaultSchema>, Place, "Row">

/** A new row of a table. */
export type TablesInsert<
  Place extends keyof Schemas[DefaultSchema]["Tables"] | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof Schemas[Place["schema"]]["Tables"] : never = never,
> = Place extends { schema: SchemaName }
  ? Member<Schemas[Place["schema"]]["Tables"], Name, "Insert">
  : Member<Schemas[DefaultSchema]["Tables"], Place, "Insert">

/** A change of a table's row. */
export type TablesUpdate<
  Place extends keyof Schemas[DefaultSchema]["Tables"] | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof Schemas[Place["schema"]]["Tables"] : never = never,
> = Place extends { schema: SchemaName }
  ? Member<Schemas[Place["schema"]]["Tables"], Name, "Update">
  : Member<Schemas[DefaultSchema]["Tables"], Place, "Update">

/** An enum's label. */
export type Enums<
  Place extends keyof Schemas[DefaultSchema]["Enums"] | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof Schemas[Place["schema"]]["Enums"] : never = never,
> = Place extends { schema: SchemaName }
  ? Name extends keyof Schemas[Place["schema"]]["Enums"]
    ? Schemas[Place["schema"]]["Enums"][Name]
    : never
  : Place extends keyof Schemas[DefaultSchema]["Enums"]
    ? Schemas[DefaultSchema]["Enums"][Place]
    : never

/** A composite type's value. */
export type CompositeTypes<
  Place extends keyof Schemas[DefaultSchema]["CompositeTypes"] | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof Schemas[Place["schema"]]["CompositeTypes"] : never = never,
> = Place extends { schema: SchemaName }
  ? Name extends keyof Schemas[Place["schema"]]["CompositeTypes"]
    ? Schemas[Place["schema"]]["CompositeTypes"][Name]
    : never
  : Place extends keyof Schemas[DefaultSchema]["CompositeTypes"]
    ? Schemas[DefaultSchema]["CompositeTypes"][Place]
    : never

export const Constants = {
  other: {
    Enums: {
      colour: ["red"],
    },
  },
  public: {
    Enums: {
      mood: ["sad", "ok \"fine\"", "it's"],
    },
  },
} as const
