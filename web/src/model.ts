// What the API answers with, as far as the pages read it. Times are RFC 3339 in UTC.

export type Status = "scheduled" | "live" | "postponed" | "cancelled" | "ended";
export const statuses: readonly Status[] = ["scheduled", "live", "postponed", "cancelled", "ended"];

export type State = "calm" | "complaints" | "broken" | "degraded" | "recovering" | "unknown" | "not_started" | "postponed" | "cancelled" | "over";

export const symptoms = ["join", "audio", "video", "buffering", "crash", "login", "payment", "delay", "quality"] as const;
export type Symptom = (typeof symptoms)[number];

export interface Probe { kind: string; url?: string; space?: string; every?: string; expect?: Record<string, unknown> }
export interface Service { name: string; probes?: Probe[] }
export interface Entity { name: string; kind: string; aliases?: string[] }
export interface Match { any?: string[]; none?: string[]; accounts?: string[] }

/** An event as its file has it: what can be written and sent. */
export interface Definition {
  slug?: string;
  title?: string;
  starts_at?: string;
  ends_at?: string;
  listen_from?: string;
  status?: Status;
  platform?: string;
  match?: Match;
  entities?: Entity[];
  services?: Service[];
  sources?: string[];
  spend?: Record<string, { usd: number }>;
  retention?: string;
  simulated?: boolean;
  public?: boolean;
}

/** An event as it is answered. */
export interface Event extends Definition {
  slug: string;
  title: string;
  starts_at: string;
  status: Status;
  match: Match;
  endless: boolean;
  recorded: boolean;
  window: { from: string; to: string };
}

/** The fields of an Event that only answers have. */
export const answeredOnly = ["endless", "recorded", "window", "links"] as const;

/** Strangers are not told who said it. */
export interface LifeEntry { status: Status; at: string; by?: string; said_at: string; note?: string; starts_at?: string; ends_at?: string }

export interface Summary {
  at: string | null;
  moving: boolean;
  state: State;
  sentence: { en: string; ko: string };
  window: { from: string; to: string } | null;
  posts: number | null;
  complaints: number | null;
  complaint_share: number | null;
  /** Posts of the window that are not reposts, from the sources that could be heard. */
  heard_own: number;
  usual_share: number | null;
  symptoms: { symptom: string; posts: number }[] | null;
  services: { service: string; state: "up" | "degraded" | "down" | "unknown"; since?: string | null; latency_ms?: number | null; audience?: number | null; audience_peak?: number | null }[] | null;
  blind: Blind[] | null;
  /** Posts of the window that were deleted since. */
  deleted?: number;
  total: { posts: number; complaints: number; deleted: number } | null;
  peak: { at: string; complaints: number } | null;
  simulated: boolean;
  recorded: boolean;
}

/** A source that is not heard as it should be: not at all, late, or left out on purpose; partly where only some of its servers are not. */
export interface Blind { source: string; since?: string | null; why?: "gap" | "late" | "capped"; partly?: boolean; reason?: string }

export interface Point {
  bucket: string;
  value: number | null;
  at_least?: number;
  of?: number;
  covered: number;
  blind?: string[];
  /** Of blind: what is only still to be heard, and what was left out on purpose. */
  late?: string[];
  capped?: string[];
  filled?: string[];
  open?: boolean;
}

export type Unit = "posts" | "share" | "people" | "ms" | "state" | "posts counted by the source";
export interface Series { name: string; unit: Unit; counts?: string; points: Point[] }

export interface Passport {
  event: string;
  title: string;
  simulated: boolean;
  recorded: boolean;
  from: string;
  to: string;
  step: string;
  time_zone: string;
  sources: Heard[];
  filter?: Record<string, string>;
  coverage: number;
  filled?: number;
  deduplication: string;
  deleted_since: number;
  late: number;
  watermark?: string;
  method: string;
  represents: string;
  notes?: string[];
  generated_at: string;
  permalink: string;
}

/** Shares of the window. filled is a part of coverage; partly, gap, late and capped are what is missing from it. */
export interface Heard { source: string; coverage: number; listened: boolean; filled?: number; gap?: number; late?: number; capped?: number; partly?: number }

export interface Mark { at: string; kind: "planned_start" | "planned_end" | "status" | (string & {}); text: string }
export interface Trend { series: Series[]; passport: Passport; marks?: Mark[] | null }

export interface Tag { tag: string; display: string; posts: number; first_at: string; sources: string[]; authors: number | null }

export interface Reason { tag: string; match: string; start: number; end: number; rule: string }
export interface Post {
  source: string;
  id: string;
  at: string;
  retimed: boolean;
  kind: "original" | "reply" | "quote" | "repost";
  text: string | null;
  url?: string;
  deleted_at?: string | null;
  tags: { lang: string; complaint: number; is_complaint: boolean; first_hand: boolean; recovery: boolean; symptoms: string[]; blamed?: string; reasons: Reason[] };
}

export type CoverageState = "live" | "recorded" | "filled" | "late" | "capped" | "gap";
export interface CoverageSpan { source: string; from: string; to: string; state: CoverageState; reason?: string }
/** How a source was heard by all its servers together. */
export interface Hearing { source: string; from: string; to: string; state: CoverageState; partly?: boolean; reason?: string }
export interface Coverage { from: string; to: string; spans: CoverageSpan[]; heard: Hearing[] }

export type ListeningState = "live" | "idle" | "connecting" | "late" | "blind" | "stopped" | "off";
export interface Feed { feed: string; host?: string; state: ListeningState; since: string; last_word: string | null; reason?: string; mend?: string }
export interface Listening { source: string; state: ListeningState; since: string; feeds: Feed[] }

/** What posts said of a service in a window, and of these how many complained of it. */
export interface Said { service: string; posts: number; complaints: number; complaint_share: number | null }
export interface Services { services: Said[]; passport: Passport }

/** What a source costs an event, in US dollars; spent_usd may not exceed either cap_usd. */
export interface Account { spent_usd: number; reserved_usd: number; cap_usd: number; left_usd: number }
export interface Spend {
  source: string;
  event: Account;
  month: Account & { month: string };
  /** Why nothing is spent now. */
  idle?: string;
  capped: { since: string; reason: string } | null;
  forecast: { likely: { usd: number }; allowed_posts: number; share: number } | null;
}

export type Scope = "read" | "export" | "ingest" | "admin";
export const scopes: readonly Scope[] = ["read", "export", "ingest", "admin"];
export type Role = "viewer" | "operator" | "admin";
export const roles: readonly Role[] = ["viewer", "operator", "admin"];

export interface Session {
  signed_in: boolean;
  person?: { name: string; role: Role; has_password: boolean };
  scopes?: Scope[];
  expires_at?: string;
}

export interface Key {
  id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  created_at: string;
  created_by?: string;
  expires_at?: string;
  last_used_at?: string;
  revoked_at?: string;
  state: "active" | "expired" | "revoked";
}

export interface Person { name: string; role: Role; has_password: boolean; created_at: string; last_seen_at?: string; disabled: boolean }
export interface AuditEntry { at: string; actor: string; action: string; target?: string; outcome: "done" | "refused" | "failed"; reason?: string; address?: string; request_id?: string }

export interface Play {
  id: string;
  event: string;
  kind: "drill" | "recording";
  name: string;
  speed: string;
  state: "running" | "done" | "failed" | "stopped";
  records: number;
  sent: number;
  committed: number;
  stored: number;
  duplicates: number;
  unmatched: number;
  started_at: string;
  ended_at?: string;
  by?: string;
  error?: string;
}

export interface Recording {
  id: string;
  name: string;
  bytes: number;
  format: string;
  rows: number;
  accepted: number;
  from: string;
  to: string;
  sources: string[];
  columns?: string;
  notes?: string[] | null;
  rejected?: { reason: string; rows: number }[] | null;
  hashtags?: { display: string; posts: number }[] | null;
}

export interface Template { name: string; title: string; about?: string; event: Definition }
export interface DraftProblem { path: string; line?: number; text: string }
export interface Draft { event: Definition | null; yaml: string; problems: DraftProblem[] | null }

export interface Trial {
  seen: number;
  matched: number;
  from?: string | null;
  to?: string | null;
  terms: { term: string; matched: number }[] | null;
  examples: { source: string; at: string; text: string; url?: string }[] | null;
}
