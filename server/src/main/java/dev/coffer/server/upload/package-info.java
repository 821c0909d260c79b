/// Files that clients send: [dev.coffer.server.upload.UploadFolder] is a site that writes the content of a request to a folder, so that never a
/// half file stands under the final name.
///
/// The content goes from the connection's memory to the file, piece by piece; nothing of it is held. What an upload makes on the heap is
/// a name, a channel and a view of each piece, some 3 KB and 100 bytes a piece, beside the virtual thread.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.upload;
