package dev.coffer.bench.serve;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;

/// The peer's HTTP/2: contents in memory, frame by frame on the connection's own channel, as in Netty's example of a server of frames;
/// a channel for each stream would cost it more.
final class NettyStreams extends ChannelDuplexHandler {
    private final Map<String, ByteBuf> contents;

    NettyStreams(Map<String, ByteBuf> contents) {
        this.contents = contents;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Http2HeadersFrame request && request.isEndStream()) {
            ByteBuf content = contents.get(request.headers().path().toString());
            Http2Headers headers = new DefaultHttp2Headers()
                    .status((content == null ? HttpResponseStatus.NOT_FOUND : HttpResponseStatus.OK).codeAsText());
            if (content != null) {
                headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN).setInt(HttpHeaderNames.CONTENT_LENGTH,
                        content.readableBytes());
            }
            context.write(new DefaultHttp2HeadersFrame(headers, content == null).stream(request.stream()));
            if (content != null) {
                context.write(new DefaultHttp2DataFrame(content.duplicate(), true).stream(request.stream()));
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
