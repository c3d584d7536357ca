package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What {@code publicAddressesOnly} lets through: public addresses, and those that the user has named. */
record AddressGuard(Set<String> hosts, List<Network> networks) {

    static final AddressGuard PUBLIC = new AddressGuard(Set.of(), List.of());

    /**
     * Lets more through.
     *
     * @param entries host names, addresses, or networks such as {@code 10.1.0.0/16}
     * @throws IllegalArgumentException when one is none of these
     */
    AddressGuard allowing(String... entries) {
        Set<String> moreHosts = new HashSet<>(hosts);
        List<Network> moreNetworks = new ArrayList<>(networks);
        for (String entry : entries) {
            String text = Checks.notNull(entry, "hostsOrNetworks");
            Network network = Network.parse(text);
            InetAddress literal = Addresses.literal(text);
            if (network != null) {
                moreNetworks.add(network);
            } else if (literal != null) {
                moreNetworks.add(Network.of(literal));
            } else {
                moreHosts.add(host(text));
            }
        }
        return new AddressGuard(Set.copyOf(moreHosts), List.copyOf(moreNetworks));
    }

    private static String host(String text) {
        try {
            return Hosts.name(text);
        } catch (InvalidUrlException e) {
            throw new IllegalArgumentException(
                    "neither a host, an address nor a network: \"" + HeaderList.visible(text) + "\"", e);
        }
    }

    /** Those of {@code addresses}, which {@code host} stands for, that may be connected to. */
    List<InetAddress> allowed(String host, List<InetAddress> addresses) {
        return hosts.contains(host)
                ? addresses
                : addresses.stream().filter(this::allows).toList();
    }

    boolean allows(String host, InetAddress address) {
        return hosts.contains(host) || allows(address);
    }

    private boolean allows(InetAddress address) {
        return PublicAddresses.contains(address) || networks.stream().anyMatch(network -> network.contains(address));
    }
}
