package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What a user gets with the artifact. */
class PomTest {

    private static final String REQUIRED =
            "/project/dependencies/dependency[not(optional = 'true') and not(scope = 'test')]/artifactId";

    @Test
    void aUserGetsReactorNettyAndJSpecify() throws Exception {
        assertThat(texts(REQUIRED))
                .contains("reactor-core", "reactor-netty-http", "jspecify")
                .allMatch(name -> name.matches("reactor-core|reactor-netty-http|jspecify|netty-.*"));
    }

    @Test
    void buildsAreReproducible() throws Exception {
        assertThat(texts("/project/properties/project.build.outputTimestamp"))
                .singleElement()
                .asString()
                .matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    }

    private static List<String> texts(String path) throws Exception {
        Document pom = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(Path.of("pom.xml").toFile());
        XPath xpath = XPathFactory.newDefaultInstance().newXPath();
        NodeList nodes = (NodeList) xpath.evaluate(path, pom, XPathConstants.NODESET);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent().strip());
        }
        return texts;
    }
}
