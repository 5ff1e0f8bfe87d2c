"""What only the page needs: the queue, the results of a session, the components, the server."""
