// Package match says which events a post belongs to.
//
// All terms of all events are found in one pass by one automaton over folded text (see Fold).
// A term is one of four kinds, told by how it begins:
//
//   - A word or phrase. White space of any kind and length in it equals one space, so a phrase is
//     also found across a line break. An edge of the term that is a letter, digit, mark or
//     underscore of a script with spaces must not touch another such character: "spaces" is found
//     in "Spaces에서" and "spaces's" but not in "workspaces" or "spaces_live". Hangul, Kana, Han,
//     Thai, Lao, Khmer and Myanmar need no such edge, so "디샌티스" is found in "디샌티스가". Words
//     of hashtags and mentions count: "desantis" is found in "#DeSantis".
//   - A #hashtag. Only the whole tag, as the platforms cut it: "#desaster" is not found in
//     "#desasterarea", nor in "desaster".
//   - An @account, written as @name or, on Mastodon, as @name@host. Found where the account is
//     the author or is mentioned, and not inside an e-mail address or a longer handle.
//   - An http:// or https:// address, found where the text has an address that begins so.
//
// Inside web addresses nothing else counts: what an address spells is chosen by the site, not by
// the writer, and tracking words would match at random. An address is what begins with http://,
// https:// or www., and what the platform marked as one and looks like one. Words that a platform
// shows in place of an address are the writer's and do count.
//
// What a platform marked as a hashtag or mention counts even where its text does not show it.
package match
