package dev.coffer.bench.serve;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.net.ssl.SSLException;

/// The peer's TLS 1.3, by either of its engines.
final class NettyTls {
    private static final String TLS_1_3 = "TLSv1.3";
    private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "secp256r1"};

    private NettyTls() {}

    /// {@return a server's side, with h2 and http/1.1, resumed by tickets}
    static SslContext server(SslProvider provider, Path certificate, Path key) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forServer(certificate.toFile(), key.toFile()).sslProvider(provider).protocols(TLS_1_3)
                .applicationProtocolConfig(new ApplicationProtocolConfig(Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT, ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1));
        if (provider == SslProvider.JDK) {
            return builder.build();  // tickets are its default
        }
        SslContext context = builder.option(OpenSslContextOption.GROUPS, GROUPS).build();
        byte[] keys = new byte[OpenSslSessionTicketKey.TICKET_KEY_SIZE];
        new SecureRandom().nextBytes(keys);
        int name = OpenSslSessionTicketKey.NAME_SIZE;
        int mac = name + OpenSslSessionTicketKey.HMAC_KEY_SIZE;
        ((OpenSslSessionContext) context.sessionContext()).setTicketKeys(new OpenSslSessionTicketKey(Arrays.copyOf(keys, name),
                Arrays.copyOfRange(keys, name, mac), Arrays.copyOfRange(keys, mac, mac + OpenSslSessionTicketKey.AES_KEY_SIZE)));
        return context;
    }

    /// {@return a client's side that offers one group and believes everybody: the load is not what is measured}
    static SslContext client(String group) throws SSLException {
        return SslContextBuilder.forClient().sslProvider(SslProvider.OPENSSL).protocols(TLS_1_3)
                .trustManager(InsecureTrustManagerFactory.INSTANCE).option(OpenSslContextOption.GROUPS, new String[] {group}).build();
    }
}
