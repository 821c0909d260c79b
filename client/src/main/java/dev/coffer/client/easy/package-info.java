/// The client for text and bytes: a [dev.coffer.client.easy.Question] is asked through [dev.coffer.client.easy.Easy], and a
/// [dev.coffer.client.easy.Reply] comes back, or a [dev.coffer.client.easy.FetchException] that says why not. Redirects are followed,
/// a few of them; credentials stay with the origin that they were given for.
///
/// What it allocates on the heap: the question, some 300 bytes and its fields; the reply, its fields as `String`s and its content, which
/// grows as it comes up to a limit, so twice its size for a moment; a future. Some 5 KB for a small one (measured: 5,288 bytes under C1).
@org.jspecify.annotations.NullMarked
package dev.coffer.client.easy;
