/// Static files as a site ([dev.coffer.server.files.FileSite]): how a request's path becomes an open file (RFC 3986, RFC 9110 sections 8 and 13 to 14).
///
/// [dev.coffer.server.files.RequestPath] decodes and refuses, [dev.coffer.server.files.Folder] opens what lies beneath
/// one folder and nothing else, [dev.coffer.server.files.FileTable] keeps a bounded number of files open, and
/// [dev.coffer.server.files.Conditions] and [dev.coffer.server.files.ByteRange] answer the conditional fields.
///
/// Left out on purpose: multiple ranges in one request (the range is ignored and the whole file sent, as section 14.2
/// allows), listings of folders, content negotiation, compression, names beginning with a dot other than `.well-known`.
///
/// The largest thing held is the table: 1,152 bytes off heap a file, and its descriptor.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.files;
